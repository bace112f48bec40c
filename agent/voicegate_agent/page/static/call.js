// One call: microphone, token, room, agent. It knows nothing of the page, which it tells what changes.

import { Level } from "./level.js";

const { ConnectionErrorReason, DisconnectReason, Room, RoomEvent, Track, TrackEvent, createLocalAudioTrack } = LivekitClient;

const NO_AGENT_MS = 10_000;
const NOT_READY_MS = 60_000;
const STATE = "lk.agent.state";
const FAILED = "voicegate.failed";
const REFUSED = "voicegate.refused";
const IN_A_CALL = ["idle", "listening", "thinking", "speaking"];

// A problem that a person can do something about; `kind` is one of texts.js.
class Problem extends Error {
  constructor(kind, details = {}) {
    super(kind);
    this.problem = { kind, ...details };
  }
}

export class Call {
  // `on` has: changed(call), said({id, mine, text, finished}), ended(problem or null).
  constructor(on) {
    this.on = on;
    this.phase = "idle";
    this.agentState = null;
    this.muted = false;
    this.wasReady = false;
    this.soundBlocked = false;
    this.levels = {};
    this.timers = [];
    this.over = false;
    this.room = new Room();
    this.#listen();
  }

  async start(key) {
    try {
      this.#enter("microphone");
      this.microphone = await openMicrophone();
      if (this.over) return this.#release(); // hung up while the browser asked
      this.microphone.on(TrackEvent.Ended, () => this.end({ kind: "microphone-gone" }));
      this.sounds = new AudioContext();
      this.levels.mine = new Level(this.sounds, this.microphone.mediaStreamTrack);
      this.#enter("connecting");
      const { url, token } = await fetchToken(key);
      if (this.over) return;
      await this.#connect(url, token);
      if (this.over) return;
      this.#enter("waiting");
      this.#note();
      this.#after(NO_AGENT_MS, () => { this.late = true; this.#note(); });
      this.#after(NOT_READY_MS, () => this.#giveUpIfNeverReady());
    } catch (error) {
      this.end(error.problem ?? { kind: "other", reason: error.message });
    }
  }

  async mute(muted) {
    if (muted) await this.microphone.mute();
    else await this.microphone.unmute();
    this.muted = muted;
    this.on.changed(this);
  }

  async allowSound() {
    await this.room.startAudio();
    this.sounds?.resume();
  }

  // Hangs up; with a problem, because of it. Only the first end counts.
  async end(problem = null) {
    if (this.over) return;
    this.over = true;
    this.phase = problem && !this.room.localParticipant.identity ? "failed" : "ended";
    this.timers.forEach(clearTimeout);
    this.#release();
    this.on.ended(problem);
    await this.room.disconnect();
  }

  get agent() {
    return [...this.room.remoteParticipants.values()].find((one) => one.isAgent);
  }

  #release() {
    Object.values(this.levels).forEach((level) => level.close());
    this.levels = {};
    this.microphone?.stop();
    this.sounds?.close();
  }

  #enter(phase) {
    if (this.over || this.phase === phase) return;
    this.phase = phase;
    this.on.changed(this);
  }

  #after(milliseconds, act) {
    this.timers.push(setTimeout(() => this.over || act(), milliseconds));
  }

  async #connect(url, token) {
    try {
      await this.room.connect(url, token);
      await this.room.localParticipant.publishTrack(this.microphone, { source: Track.Source.Microphone });
    } catch (error) {
      throw new Problem(error.reason === ConnectionErrorReason.NotAllowed ? "refused" : "server-away");
    }
  }

  #listen() {
    this.room
      .on(RoomEvent.ParticipantConnected, () => this.#note())
      .on(RoomEvent.ParticipantAttributesChanged, () => this.#note())
      .on(RoomEvent.RoomMetadataChanged, () => this.#note())
      .on(RoomEvent.ParticipantDisconnected, (one) => one.isAgent && this.#lost(one))
      .on(RoomEvent.SignalReconnecting, () => this.#enter("reconnecting"))
      .on(RoomEvent.Reconnecting, () => this.#enter("reconnecting"))
      .on(RoomEvent.Reconnected, () => this.#note(true))
      .on(RoomEvent.SignalConnected, () => this.phase === "reconnecting" && this.#note(true))
      .on(RoomEvent.Disconnected, (reason) => this.#disconnected(reason))
      .on(RoomEvent.TrackSubscribed, (track) => this.#hear(track))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => this.#noteSound());
    this.room.registerTextStreamHandler("lk.transcription", (reader, from) => this.#read(reader, from));
  }

  // Looks at the room: is the agent there, what does it do, was the call refused?
  #note(back = false) {
    if (this.over || (this.phase === "reconnecting" && !back) || !this.room.localParticipant.identity) return;
    const agent = this.agent;
    const refused = refusal(this.room.metadata);
    if (!agent && refused) return void this.end({ kind: "busy", reason: refused });
    const failed = agent?.attributes[FAILED];
    if (failed) return void this.end({ kind: "agent-failed", reason: failed });
    this.agentState = agent?.attributes[STATE] ?? null;
    this.phase = !agent ? (this.late ? "late" : "waiting") : IN_A_CALL.includes(this.agentState) ? "talking" : "preparing";
    this.wasReady ||= this.phase === "talking";
    this.on.changed(this);
  }

  // A minute is over. A call that was going on and lost its connection for a moment is not given up; one that lost it before waits on.
  #giveUpIfNeverReady() {
    if (this.wasReady) return;
    if (this.phase === "reconnecting") this.#after(NOT_READY_MS, () => this.#giveUpIfNeverReady());
    else this.end({ kind: this.agent ? "agent-slow" : "no-agent" });
  }

  #lost(agent) {
    const failed = agent.attributes[FAILED];
    if (!this.agent) this.end(failed ? { kind: "agent-failed", reason: failed } : { kind: "agent-gone" });
  }

  #disconnected(reason) {
    if (this.phase === "connecting") return; // connect() fails as well, and knows more
    const gone = [DisconnectReason.ROOM_DELETED, DisconnectReason.PARTICIPANT_REMOVED].includes(reason);
    this.end({ kind: gone ? "agent-gone" : "server-gone" });
  }

  #hear(track) {
    if (track.kind !== Track.Kind.Audio || this.over) return;
    document.body.append(track.attach());
    track.once(TrackEvent.AudioPlaybackFailed, () => this.#noteSound());
    this.levels.theirs?.close();
    this.levels.theirs = new Level(this.sounds, track.mediaStreamTrack);
  }

  #noteSound() {
    this.soundBlocked = !this.room.canPlaybackAudio;
    if (!this.over) this.on.changed(this);
  }

  // The caller's words come again whole as they become clearer; the agent's grow, and end when the stream does.
  async #read(reader, from) {
    const { attributes = {}, id } = reader.info;
    const said = { id: attributes["lk.segment_id"] ?? id, mine: from.identity === this.room.localParticipant.identity };
    let text = "";
    try {
      for await (const piece of reader) {
        text += piece;
        this.on.said({ ...said, text, finished: false });
      }
    } catch {
      return; // the call ended in the middle of a sentence
    }
    this.on.said({ ...said, text, finished: !said.mine || attributes["lk.transcription_final"] === "true" });
  }
}

function refusal(metadata) {
  try {
    return JSON.parse(metadata || "{}")[REFUSED];
  } catch {
    return undefined; // somebody else's, and not JSON
  }
}

async function openMicrophone() {
  if (!navigator.mediaDevices) throw new Problem("insecure");
  try {
    return await createLocalAudioTrack({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
  } catch (error) {
    const kinds = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "no-microphone", NotReadableError: "microphone-busy" };
    throw new Problem(kinds[error.name] ?? "other", { reason: error.message });
  }
}

async function fetchToken(key) {
  let answer;
  try {
    answer = await fetch("token", { method: "POST", headers: bearer(key) });
  } catch {
    throw new Problem("page-gone");
  }
  const kinds = { 401: "key", 403: "origin", 429: "often" };
  if (!answer.ok) throw new Problem(kinds[answer.status] ?? "page-gone", { wait: answer.headers.get("Retry-After") });
  return answer.json();
}

export function bearer(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}
