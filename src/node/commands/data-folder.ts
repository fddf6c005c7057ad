/** What `doctor` says of the folder that an embedded database lives in: may it be written, and is there room? Writes nothing. */
import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { CodedError } from '../../errors.ts';
import { assertMakeable } from '../../make-folder.ts';

const MIB = 1_048_576;
const GIB = 1_024 * MIB;
/** A first start writes some 50 MiB, and the write-ahead log grows in files of 16 MiB. */
const ROOM_NEEDED_BYTES = 128 * MIB;
/** The write-ahead log alone may take so much before it is shortened: `max_wal_size` of the embedded server. */
const ROOM_WISHED_BYTES = 2 * GIB;

/**
 * @param freeBytes what this process may still write there
 * @returns what there is to say, and whether it is only just enough
 * @throws CodedError `config.data_dir_unusable`
 */
export function examineDataFolder(dataDir: string, freeBytes = freeBytesOf(dataDir)): { readonly text: string; readonly isTight: boolean } {
  try {
    assertMakeable(dataDir);
  } catch (error) {
    throw new CodedError(
      'config.data_dir_unusable',
      `cannot write into ${dataDir}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    );
  }
  const room = `${sizeOf(freeBytes)} free for ${dataDir}`;
  if (freeBytes < ROOM_NEEDED_BYTES)
    throw new CodedError('config.data_dir_unusable', `${room}: less than the ${sizeOf(ROOM_NEEDED_BYTES)} that the database needs`);
  const isTight = freeBytes < ROOM_WISHED_BYTES;
  return { text: isTight ? `${room}: below ${sizeOf(ROOM_WISHED_BYTES)} the write-ahead log may fill it` : room, isTight };
}

/** Of the folder, or of the one that it would be made in. */
function freeBytesOf(dataDir: string): number {
  let at = path.resolve(dataDir);
  while (!existsSync(at)) at = path.dirname(at);
  const { bavail, bsize } = statfsSync(at);
  return bavail * bsize;
}

function sizeOf(bytes: number): string {
  return bytes < GIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
}
