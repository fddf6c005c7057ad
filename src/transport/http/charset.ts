/** Whether a text body says that it is written as we read it. It must never see the body. */
import { Problem } from './problem.ts';

const CHARSET = /;\s*charset\s*=\s*["']?([^\s;"']+)/gi;
/** UTF-8, also as many clients misspell it, and what is a part of it. */
const READABLE: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/** A body of another encoding would be read wrong where its bytes happen to be UTF-8, too. @throws Problem `request.unsupported_media_type` */
export function requireUtf8(contentType: string): void {
  for (const [, charset = ''] of contentType.matchAll(CHARSET))
    if (!READABLE.has(charset.toLowerCase()))
      throw new Problem('request.unsupported_media_type', {
        detail: 'The `Content-Type` names another charset than UTF-8: send the body in UTF-8.',
      });
}
