"use strict";
// Shows times where and when the reader is, and keeps the page fresh without a flicker. Everything works without it.

const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const precise = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});

function spoken(moment, now) {
  const seconds = Math.round((moment - now) / 1000);
  const size = Math.abs(seconds);
  const said = (number, unit) => (seconds < 0 ? `${number} ${unit} ago` : `in ${number} ${unit}`);
  if (size < 60) return said(size, "s");
  if (size < 3600) return said(Math.round(size / 60), "min");
  const today = moment.toDateString() === now.toDateString();
  return today ? clock.format(moment) : `${day.format(moment)}, ${clock.format(moment)}`;
}

function localise() {
  const now = new Date();
  for (const element of document.querySelectorAll("time")) {
    const moment = new Date(element.dateTime);
    element.textContent = element.dataset.precise ? precise.format(moment) : spoken(moment, now);
    element.title = exact.format(moment);
  }
}

async function refresh(main) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.reload();
  const text = await answer.text();
  if (text === last) return;
  last = text;
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  const open = new Set([...main.querySelectorAll("details[open]")].map((each) => each.id));
  const log = main.querySelector(".log");
  const atEnd = !log || log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  const top = log ? log.scrollTop : 0;
  main.replaceChildren(...fresh.childNodes);
  main.dataset.refresh = fresh.dataset.refresh || "";
  for (const each of main.querySelectorAll("details")) each.open = each.open || open.has(each.id);
  const again = main.querySelector(".log");
  if (again) again.scrollTop = atEnd ? again.scrollHeight : top;
}

let last = "";
async function tick() {
  const main = document.getElementById("main");
  const wait = Number(main.dataset.refresh);
  if (wait && !document.hidden && getSelection().isCollapsed) {
    try { await refresh(main); } catch { /* the server is away: the next tick asks again */ }
  }
  localise();
  setTimeout(tick, (wait || 30) * 1000);
}

localise();
const log = document.querySelector(".log");
if (log) log.scrollTop = log.scrollHeight;
setTimeout(tick, (Number(document.getElementById("main").dataset.refresh) || 30) * 1000);
