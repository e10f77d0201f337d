import { processPort } from '../../../src-main/rpc/process-port.ts';
import { serve } from '../../../src-main/rpc/serve.ts';
import { createScriptedEngine } from './scripted-engine.ts';

const silent = { warn: () => undefined, error: () => undefined };
serve(createScriptedEngine(), processPort(process), silent);
