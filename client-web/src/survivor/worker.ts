import { survivor } from 'bridge';
import { startWorker } from '../worker';

startWorker(survivor);
