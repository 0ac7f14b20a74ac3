import { counselor } from 'bridge';
import { startWorker } from '../worker';

startWorker(counselor);
