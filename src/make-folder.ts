/** Makes a folder. Node's own `mkdir` with `recursive` tries for ever where a parent is there and takes no folders, as under `/proc`. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** With every folder above it that is missing; nothing where it is there already. @throws Error of Node with its `code` */
export function makeFolder(folder: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !existsSync(at); at = path.dirname(at)) missing.push(at);
  for (const at of missing.reverse()) {
    try {
      mkdirSync(at, mode);
    } catch (error) {
      // Another process of ours was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
