/** `--import` this after tsx: see built-source.mjs. */
import { register } from 'node:module';

register('./built-source.mjs', import.meta.url);
