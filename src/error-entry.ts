/** One entry of the registry of errors. */
export interface ErrorEntry {
  /** HTTP status of the problem document; also for codes that no HTTP caller sees (then it is what one would get). */
  readonly status: number;
  /** Public, one line. */
  readonly title: string;
  readonly cause: string;
  readonly fix: string;
}

export const entry = (status: number, title: string, cause: string, fix: string): ErrorEntry => ({ status, title, cause, fix });
