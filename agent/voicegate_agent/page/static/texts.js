// What the page says: one entry for each thing that can go wrong, and for each state of a call.

export const PROBLEMS = {
  insecure: ["Your browser gives no microphone to this address.", "Open the page over HTTPS, or on the machine that it runs on."],
  denied: ["The microphone is not allowed.", "Allow it in your browser, beside the address of this page, and call again."],
  "no-microphone": ["No microphone was found.", "Plug one in or switch it on, and call again."],
  "microphone-busy": ["The microphone cannot be used.", "Another program may be using it. Close that, and call again."],
  "microphone-gone": ["Your microphone is gone.", "The agent no longer hears you. Plug the microphone in again, and call again."],
  "page-gone": ["The server of this page does not answer.", "See whether `voicegate-agent page` is still running, and call again."],
  key: ["This page needs a key.", "Ask whoever runs the agent for it."],
  origin: ["This page was opened at an address that it does not know.", "Open the address that `voicegate-agent page` has printed."],
  often: ["Too many calls were begun.", "Wait {wait} s, and call again."],
  refused: ["The LiveKit server refused this call.", "See whether page and server have the same LIVEKIT_API_KEY and LIVEKIT_API_SECRET."],
  "server-away": ["The LiveKit server cannot be reached.", "See whether it runs, and whether this machine reaches it, and call again."],
  "server-gone": ["The connection to the LiveKit server was lost.", "See whether it runs and your network works, and call again."],
  "no-agent": ["No agent has answered within a minute.", "See whether the agent is running and registered, and call again."],
  "agent-slow": ["The agent is not ready after a minute.", "Its log says what it waits for. Call again later."],
  "agent-gone": ["The agent has left the call.", "If it has not said goodbye, it was stopped, or it failed; its log says why. Call again."],
  "agent-failed": ["The agent gave up: {reason}.", "Its log says more. Call again later."],
  busy: ["The agent is busy: {reason}.", "Call again in a while."],
  other: ["Something went wrong: {reason}.", "Call again; if it stays so, load the page again."],
};

// Phase of the call, or state of the agent in it: what is said, what is said below it, and how the connection stands.
export const STATES = {
  idle: ["Ready to call", "Your browser will ask for your microphone.", "none"],
  microphone: ["Waiting for your microphone", "Please allow it.", "none"],
  connecting: ["Connecting", "", "waiting"],
  waiting: ["Waiting for the agent", "", "waiting"],
  late: ["No agent has answered yet", "It may be loading its models. Otherwise see whether it is running and registered.", "waiting"],
  preparing: ["The agent is getting ready", "The first call loads the models, which can take a while.", "waiting"],
  idling: ["The agent is there", "", "good"],
  listening: ["Listening", "Say something.", "good"],
  thinking: ["Thinking", "", "good"],
  speaking: ["Speaking", "You may interrupt.", "good"],
  reconnecting: ["Connection lost, trying again", "", "bad"],
  ended: ["Call ended", "", "none"],
  failed: ["No call", "", "none"],
};

// What is said below the state instead, where somebody hears nothing.
export const BLOCKED = "Your browser blocks the sound: turn it on to hear the agent.";
export const MUTED = "The agent does not hear you.";

// Why an agent refused a call or gave up, by its codes.
export const REASONS = { at_capacity: "all its calls are taken", busy: "too many people are talking to it at the moment", no_speech: "it has no speech at the moment", failed: "something failed" };

export const CONNECTIONS = { none: "Not connected", waiting: "Connecting", good: "Connected", bad: "No connection" };

// Fills the blanks of a problem's texts.
export function describe(problem) {
  const said = { ...problem, reason: REASONS[problem.reason] ?? problem.reason };
  const fill = (text) => text.replace(/\{(\w+)\}/g, (_, name) => said[name] ?? "");
  return (PROBLEMS[problem.kind] ?? PROBLEMS.other).map(fill);
}

const LOADED = { loaded: "loaded", "not loaded": "not loaded yet", loading: "loading", failed: "could not be loaded" };

// What the agent says of itself, as three texts with a smaller one below each.
export function figureTexts({ memory_bytes: memory, calls, capacity, models }) {
  const megabytes = (memory / 1e6).toLocaleString("en", { maximumFractionDigits: 0 });
  const states = [["Hearing", models.asr], ["Voice", models.tts]].filter(([, state]) => state);
  return {
    memory: [`${megabytes} MB`, models.host === "elsewhere" ? "without the models, which run elsewhere" : "all its processes, models included"],
    models: [
      models.host === "own" ? "One pair for each call" : "One pair for all calls",
      states.map(([name, state]) => `${name}: ${LOADED[state] ?? state}`).join(", "),
    ],
    calls: [`${calls} of ${capacity}`, ""],
  };
}
