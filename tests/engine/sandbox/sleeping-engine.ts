/** An engine with a command that sleeps; says so, and waits to be killed. Arguments: its folder, the seconds. */
import { silentLog } from '../../../src-main/engine/log.ts';
import { openSandbox } from '../../../src-main/engine/sandbox/open-sandbox.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import { putBusybox } from './busybox-layer.ts';

const [root = '', seconds = ''] = process.argv.slice(2);
const store = await openStore({ root });
const sandbox = openSandbox({ store, log: silentLog });
const base = await putBusybox(store);
await sandbox.run(
  {
    layers: [base],
    args: ['/bin/sh', '-c', `setsid sleep ${seconds} & echo asleep; sleep ${seconds}`],
    env: ['PATH=/bin'],
    secretEnv: [],
    cwd: '/',
    user: '',
    mounts: [],
    network: 'host',
    hostname: 'sandbox',
    addHosts: [],
  },
  { compression: 'none', onOutput: (_stream, bytes) => process.stdout.write(bytes) },
);
