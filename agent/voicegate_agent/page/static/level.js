// How loud a track is, as a bar shows it: 0 below -60 dBFS, 1 at full level.

const QUIETEST_DB = -60;

export class Level {
  constructor(context, mediaTrack) {
    this.source = context.createMediaStreamSource(new MediaStream([mediaTrack]));
    this.analyser = context.createAnalyser();
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source.connect(this.analyser);
  }

  now() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    const decibels = 10 * Math.log10(power + 1e-12);
    return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DB));
  }

  close() {
    this.source.disconnect();
  }
}
