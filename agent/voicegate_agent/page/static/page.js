// The page itself: what is shown, and what the buttons do.

import { Call, bearer } from "./call.js";
import { BLOCKED, CONNECTIONS, MUTED, STATES, describe, figureTexts } from "./texts.js";

const FIGURES_MS = 2000;
const NO_FIGURES = {
  401: "The agent’s figures need the key, too.",
  204: "Memory, models and calls are shown here when VOICEGATE_FIGURES_PORT is set for agent and page.",
};
const find = (id) => document.getElementById(id);
const buttons = { call: find("call"), hangUp: find("hang-up"), mute: find("mute"), sound: find("sound") };

let call = null;

function key() {
  return new URLSearchParams(location.hash.slice(1)).get("key");
}

function startCall() {
  find("transcript").replaceChildren();
  find("nothing-said").hidden = false;
  showProblem(null);
  find("key-form").hidden = true;
  call = new Call({ changed: show, said: write, ended });
  call.start(key());
  buttons.hangUp.focus();
}

function show(shown) {
  if (shown !== call) return;
  const inCall = !["idle", "ended", "failed"].includes(shown.phase);
  const doing = shown.phase === "talking" ? (shown.agentState === "idle" ? "idling" : shown.agentState) : shown.phase;
  const [state, hint, connection] = STATES[doing];
  setText("state", state);
  setText("hint", inCall && shown.soundBlocked ? BLOCKED : inCall && shown.muted ? MUTED : hint);
  setText("connection-text", CONNECTIONS[connection]);
  find("connection").dataset.connection = connection;
  find("agent").dataset.state = connection === "waiting" ? "waiting" : shown.phase === "talking" ? doing : "idle";
  buttons.call.hidden = inCall;
  buttons.hangUp.hidden = !inCall;
  buttons.mute.hidden = find("microphone").hidden = !inCall || !shown.levels.mine;
  buttons.sound.hidden = !inCall || !shown.soundBlocked;
  buttons.mute.setAttribute("aria-pressed", shown.muted);
  setText("microphone-text", shown.muted ? "Your microphone is muted" : "Your microphone");
  find("microphone").classList.toggle("muted", shown.muted);
}

// Only what is new is set, or a screen reader would say it again.
function setText(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

function ended(problem) {
  const focusWasInCall = [buttons.hangUp, buttons.mute, buttons.sound].includes(document.activeElement);
  show(call);
  buttons.call.textContent = "Call again";
  showProblem(problem);
  buttons.call.hidden = problem?.kind === "key";
  find("key-form").hidden = problem?.kind !== "key";
  if (problem?.kind === "key") find("key").focus();
  else if (focusWasInCall || document.activeElement === document.body) buttons.call.focus();
  document.querySelectorAll("audio").forEach((element) => element.remove());
}

function showProblem(problem) {
  const [title, advice] = problem ? describe(problem) : ["", ""];
  find("problem").hidden = !problem;
  find("problem").dataset.kind = problem?.kind ?? "";
  setText("problem-title", title);
  setText("problem-advice", advice);
}

function write({ id, mine, text, finished }) {
  if (!text.trim()) return;
  const list = find("transcript");
  const name = `${mine ? "mine" : "theirs"}-${id}`;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  let line = [...list.children].find((one) => one.dataset.id === name);
  if (!line) {
    line = document.createElement("li");
    line.dataset.id = name;
    line.className = mine ? "mine" : "theirs";
    const who = document.createElement("b");
    who.textContent = mine ? "You" : "Agent";
    line.append(who, document.createElement("span"));
    list.append(line);
  }
  line.lastChild.textContent = text;
  line.classList.toggle("unfinished", !finished);
  find("nothing-said").hidden = true;
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function showLevels() {
  const { mine, theirs } = call?.levels ?? {};
  find("level").style.transform = `scaleX(${mine && !call.muted ? mine.now() : 0})`;
  find("agent").style.setProperty("--level", theirs ? theirs.now() : 0);
  requestAnimationFrame(showLevels);
}

async function showFigures() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch("agent", { headers: bearer(key()) }).catch(() => null);
  const figures = answer?.status === 200 ? figureTexts(await answer.json()) : null;
  find("figure-list").hidden = !figures;
  find("no-figures").hidden = Boolean(figures);
  for (const [id, [large, small]] of Object.entries(figures ?? {})) {
    const below = document.createElement("small");
    below.textContent = small;
    find(id).replaceChildren(large, below);
  }
  if (!figures) setText("no-figures", NO_FIGURES[answer?.status] ?? "The agent’s figures cannot be read at the moment.");
  if (answer?.status === 204) clearInterval(figuresTimer);
}

buttons.call.addEventListener("click", startCall);
buttons.call.disabled = false; // a click before this line would do nothing
buttons.hangUp.addEventListener("click", () => call.end());
buttons.mute.addEventListener("click", () => call.mute(!call.muted));
buttons.sound.addEventListener("click", () => call.allowSound());
find("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `#${new URLSearchParams({ key: find("key").value })}`);
  startCall();
});

showLevels();
const figuresTimer = setInterval(showFigures, FIGURES_MS);
showFigures();
