// Tells the server when this page should draw again, and never while someone is typing on it.
// data: room (a mark, when the room's pieces are outdated), pending (changes of others in what the page shows),
// change (their number), label (what the button says).
const LOOK_AGAIN = 400;

function typing() {
  let at = document.activeElement;
  while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  const fills = at && (at.tagName === "TEXTAREA" || (at.tagName === "INPUT" && !/checkbox|radio|button|range/.test(at.type)));
  return (fills && at.value !== "") || document.querySelector('[data-testid="stDialog"]') !== null;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const own = (parentElement.kpiLive ??= {});
  own.data = data;
  const button = parentElement.querySelector("button");
  const show = () => {
    if (!own.data.pending || own.sent === own.data.change) return;
    own.sent = own.data.change;
    button.hidden = true;
    setTriggerValue("page", own.data.change);
  };
  button.onclick = show;
  if (data.room && own.room !== data.room) {
    own.room = data.room;
    setTriggerValue("room", data.room);
  }
  const look = () => {
    const waits = own.data.pending > 0 && own.sent !== own.data.change;
    if (waits && !typing()) show();
    else {
      button.hidden = !waits;
      button.textContent = own.data.label;
    }
  };
  look();
  own.timer ??= setInterval(look, LOOK_AGAIN);
  return () => {
    clearInterval(own.timer);
    own.timer = undefined;
  };
}
