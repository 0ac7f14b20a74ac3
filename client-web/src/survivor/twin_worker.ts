// Where there is no WebAssembly: the same worker, with the core's twin in it. Thirty times as large, so it is loaded nowhere else.
import { survivor } from 'bridge';
import { instantiate } from 'twin';
import { startWorker } from '../worker';

startWorker(survivor, instantiate);
