/** What is being written and not sent: kept for each customer over a reload of its tab, and no longer. Must never send. */
const PREFIX = 'wakala.sandbox.draft.';

/** Keeps what stands in `field` from now on. @returns `of(key)`: shows the draft of that key; what was written before the first key was known goes behind its draft */
export function keepDrafts(field) {
  let shown = null;
  const keep = () => {
    if (shown === null) return;
    try {
      if (field.value === '') sessionStorage.removeItem(PREFIX + shown);
      else sessionStorage.setItem(PREFIX + shown, field.value);
    } catch {
      // Without storage it lives as long as the page.
    }
  };
  const kept = (key) => {
    try {
      return sessionStorage.getItem(PREFIX + key) ?? '';
    } catch {
      return '';
    }
  };
  field.addEventListener('input', keep);
  return {
    of(key) {
      const early = shown === null ? field.value : '';
      const before = kept(key);
      shown = key;
      field.value = early === before ? before : `${before} ${early}`.trim();
      keep();
    },
    clear() {
      field.value = '';
      keep();
    },
  };
}
