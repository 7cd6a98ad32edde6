// A process of its own that delays what passes it by 25 ms in each direction and limits nothing. `node delayProxy.js URL`
// prints the URL behind which URL is.

import { slowProxy } from '../../test/helpers/slowProxy.js';

const [target = ''] = process.argv.slice(2);
const proxy = await slowProxy({ target, delayMs: 25 });
console.log(proxy.url);
