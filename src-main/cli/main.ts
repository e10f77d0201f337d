import { keepCompiledCode } from './compiled-code.ts';

// Before any other code of ours is loaded: what is loaded first is not kept.
keepCompiledCode();
const { runCommandLine } = await import('./command-line.ts');
await runCommandLine();
