/* Gives back what the page is made of when the line is down: scripts, styles, fonts, shapes. What the
   page says is kept by offline.js. The line is always asked first. */
"use strict";
const PARTS = "atlas-parts";
const MOST = 150;
const IS_PART = /^\/($|assets\/|geometry\/|_dash-component-suites\/|_dash-layout$|_dash-dependencies$|_favicon)/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin || !IS_PART.test(pathname)) return;
  event.respondWith(part(event, pathname === "/" ? "/" : event.request.url)); // the page is one, whatever it is asked
});

async function part(event, key) {
  try {
    const answer = await fetch(event.request);
    if (answer.ok) event.waitUntil(keep(key, answer.clone()));
    return answer;
  } catch (problem) {
    const kept = await caches.match(key);
    if (!kept) throw problem;
    return kept;
  }
}

async function keep(key, answer) {
  const parts = await caches.open(PARTS);
  const kept = await parts.match(key);
  const same = (name) => kept.headers.get(name) === answer.headers.get(name);
  if (kept && answer.headers.has("ETag") && same("ETag")) return;
  await parts.put(key, answer);
  const keys = await parts.keys();
  await Promise.all(keys.slice(0, -MOST).map((one) => parts.delete(one)));
}
