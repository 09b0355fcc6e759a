// Counts down by itself from the moment the server named; the server's clock counts, not the browser's.
// data: ends_at and now (ms since 1970; ends_at null while paused), left (ms, while paused), paused, over (words), label.
const TICK = 250, LAST = 60000;

export default function ({ data, parentElement }) {
  const own = (parentElement.kpiClock ??= {});
  if (own.now !== data.now) {
    own.now = data.now;
    own.ahead = data.now - Date.now();
  }
  own.data = data;
  const clock = parentElement.querySelector(".clock");
  const time = parentElement.querySelector(".time");
  const word = parentElement.querySelector(".word");
  const show = () => {
    const { ends_at, left, paused, over } = own.data;
    const rest = Math.max(0, ends_at === null ? left : ends_at - (Date.now() + own.ahead));
    const seconds = Math.ceil(rest / 1000);
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    word.textContent = rest === 0 ? `▼ ${over}` : ends_at === null ? `‖ ${paused}` : rest <= LAST ? "▲" : "";
    clock.className = `clock ${rest === 0 ? "over" : rest <= LAST ? "last" : ""}`;
  };
  clock.setAttribute("aria-label", data.label);
  show();
  own.timer ??= setInterval(show, TICK);
  return () => {
    clearInterval(own.timer);
    own.timer = undefined;
  };
}
