/**
 * Keeps the app's own files, so that it opens without signal. VERSION and FILES are written above this line by the server; a new
 * version is taken whole or not at all. It must never touch anything but those files: data is not cached.
 */
/* global VERSION, FILES */
const CACHE = `wakala-drive-${VERSION}`;

self.addEventListener('install', (event) => {
  // Asked for anew, but not sent anew: what the page has just loaded is still the same.
  const fresh = FILES.map((file) => new Request(file, { cache: 'no-cache' }));
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(fresh))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('wakala-drive-') && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin || !FILES.includes(pathname)) return;
  // A store that the browser has lost is no reason not to open.
  const known = caches.match(pathname, { cacheName: CACHE }).catch(() => undefined);
  event.respondWith(known.then((kept) => kept ?? fetch(event.request)));
});
