/** Makes a folder. Node's own `mkdir` with `recursive` tries for ever where a parent is there and takes no folders, as under `/proc`. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
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

/**
 * Whether this process may write into a folder, or make it where it is missing, as far as rights tell; makes nothing.
 * @throws Error of Node with its `code`
 */
export function assertMakeable(folder: string): void {
  let at = path.resolve(folder);
  while (!existsSync(at)) at = path.dirname(at);
  accessSync(at, constants.W_OK | constants.X_OK);
}
