/**
 * Resolves the benches' imports of `src/**.ts` to the built files in `dist`: what is measured is what runs in production. Compiled on
 * the fly, every closure would carry a name of its own, a kilobyte an actor.
 */
const ROOT = new URL('../../', import.meta.url).href;
const SOURCE = `${ROOT}src/`;

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!found.url.startsWith(SOURCE) || !found.url.endsWith('.ts')) return found;
  return { url: `${ROOT}dist/${found.url.slice(SOURCE.length, -'.ts'.length)}.js`, format: 'module', shortCircuit: true };
}
