// Runs in the tested page before its own scripts: gives it a microphone that says what it is told, and notes what its connections bring.
// A browser has one fake microphone for all of its tabs, which plays its file over and over; three tabs need three that speak when asked.
globalThis.voicegate = (() => {
  const LOUD = 1e-5; // mean square of samples, -50 dBFS
  const connections = [];
  const players = new Set();
  const bringing = new Set(); // connections that bring sound
  const microphones = new Set(); // a page may open more than one, to show a level
  const SOUND = { mimeType: "audio/webm;codecs=opus", audioBitsPerSecond: 64_000 };
  let context, sides, recorders = [], heardS = 0, loudAtMs = 0, before = { energy: 0, seconds: 0 };

  const Connection = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...all) {
      super(...all);
      connections.push(this);
      this.addEventListener("track", ({ track }) => track.kind === "audio" && hear(this, track));
    }
  };

  // What is said, and what comes; each is recorded by itself.
  function tape() {
    context ??= new AudioContext();
    sides ??= ["said", "heard"].map(() => {
      const side = new GainNode(context), silence = new ConstantSourceNode(context, { offset: 0 });
      silence.connect(side); // a node that nothing comes into stands still, and so would its recording
      silence.start();
      return side;
    });
    return sides;
  }

  function hear(connection, track) {
    bringing.add(connection);
    const stream = new MediaStream([track]);
    const pulled = new Audio(); // Chromium gives Web Audio nothing of a stream that no player has
    pulled.muted = true;
    source.set.call(pulled, stream);
    const [, heard] = tape();
    context.createMediaStreamSource(stream).connect(heard);
  }

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(stream) {
      players.add(this);
      source.set.call(this, stream);
    },
  });

  if (navigator.mediaDevices) {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      if (!wish?.audio || wish.video) return open(wish);
      tape();
      await context.resume();
      const microphone = context.createMediaStreamDestination();
      microphones.add(microphone);
      return microphone.stream;
    };
  }

  async function say(wav) {
    const bytes = Uint8Array.from(atob(wav), (one) => one.charCodeAt(0));
    const speech = context.createBufferSource();
    speech.buffer = await context.decodeAudioData(bytes.buffer);
    for (const microphone of microphones) speech.connect(microphone);
    speech.connect(tape()[0]);
    const ended = new Promise((resolve) => speech.addEventListener("ended", resolve));
    speech.start();
    await ended;
  }

  async function record() {
    const nodes = tape();
    await context.resume();
    recorders = nodes.map((node) => {
      const end = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
      node.connect(end);
      const recorder = new MediaRecorder(end.stream, SOUND);
      recorder.addEventListener("stop", () => node.disconnect(end));
      recorder.start();
      return recorder;
    });
  }

  // Both sides as WebM in Base64, each of them once; there are none where the page was loaded again.
  const sounds = () => Promise.all(recorders.splice(0).map(recorded));

  async function recorded(recorder) {
    const came = new Promise((resolve) => recorder.addEventListener("dataavailable", ({ data }) => resolve(data)));
    recorder.stop();
    const reader = new FileReader();
    const read = new Promise((resolve) => reader.addEventListener("load", resolve));
    reader.readAsDataURL(await came);
    await read;
    return reader.result.slice(reader.result.indexOf(",") + 1);
  }

  const isPlayed = () =>
    [...players].some((one) => one.srcObject?.getAudioTracks().some((track) => track.readyState === "live") && !one.paused && !one.muted && one.volume > 0);

  async function statistics() {
    const all = { energy: 0, seconds: 0, received: 0, lost: 0, samples: 0, concealed: 0, jitterS: 0, sent: 0 };
    for (const connection of connections) {
      if (connection.connectionState === "closed") continue;
      for (const one of (await connection.getStats()).values()) {
        if (one.type === "outbound-rtp" && one.kind === "audio") all.sent += one.packetsSent;
        if (one.type !== "inbound-rtp" || one.kind !== "audio") continue;
        all.energy += one.totalAudioEnergy ?? 0;
        all.seconds += one.totalSamplesDuration ?? 0;
        all.received += one.packetsReceived;
        all.lost += one.packetsLost;
        all.samples += one.totalSamplesReceived ?? 0;
        all.concealed += one.concealedSamples - (one.silentConcealedSamples ?? 0);
        all.jitterS = Math.max(all.jitterS, one.jitter);
      }
    }
    return all;
  }

  // Sound counts as heard while the page plays it.
  async function listen() {
    const now = await statistics();
    const energy = now.energy - before.energy, seconds = now.seconds - before.seconds;
    const loud = seconds > 0 && energy / seconds > LOUD;
    if (loud && isPlayed()) heardS += seconds;
    if (loud) loudAtMs = performance.now();
    before = now;
  }
  setInterval(listen, 100);

  return {
    say,
    record,
    sounds,
    statistics,
    begin: () => { heardS = 0; },
    heardS: () => heardS,
    awaitQuiet: () => { loudAtMs = performance.now(); },
    quietS: () => (performance.now() - loudAtMs) / 1000,
    isUp: () => [...bringing].some((one) => one.connectionState === "connected"),
    isDown: () => connections.every((one) => one.connectionState === "closed"),
  };
})();
