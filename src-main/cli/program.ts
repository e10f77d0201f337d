import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { VERBS, type Verb } from './verbs.ts';
import { readVersion } from './version.ts';

const EXAMPLES = `
Examples:
  varve build -t app:1 .         build the Dockerfile in this folder
  varve images --digests         what is there
  varve ls -l app:1 /etc         look into an image
  varve tag --undo app:1         bring back what app:1 pointed at before
  varve save app:1 -o app.tar    hand it to someone

Images live in $VARVE_ROOT, or in ~/.local/share/varve. Exit status: 0 well, 1 failed, 2 called wrongly.`;

/** The whole command line; only the verb that `words` name has its options loaded. */
export async function createProgram(cli: Cli, words: readonly string[]): Promise<Command> {
  const program = new Command('varve')
    .description('Builds container images from Dockerfiles, keeps them, and lets you see through them.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand('help [command]', 'explain a command')
    .configureOutput({
      writeOut: (text) => cli.stdout.text(text),
      writeErr: (text) => cli.stderr.text(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'varve: ')),
      getOutHelpWidth: () => cli.stdout.columns() ?? 100,
    })
    .showHelpAfterError('  Add --help to see how it is called.')
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  const named = words.filter((word) => !word.startsWith('-')).slice(0, 2);
  for (const verb of VERBS) {
    const asked = named[0] === verb.name || (named[0] === 'help' && named[1] === verb.name);
    const command = asked ? await loadVerb(verb, cli) : new Command(verb.name);
    program.addCommand(inheritSettings(command.summary(verb.summary), program));
  }
  if (words.length === 0) program.outputHelp();
  return words.length === 0 ? emptyProgram(program) : program;
}

/** What runs once is parsed faster than a parser for it is compiled: a tenth of a short command's time. */
async function loadVerb(verb: Verb, cli: Cli): Promise<Command> {
  await import('../rpc/without-eval.ts');
  return (await verb.load())(cli);
}

/** `varve` alone explains itself and is no error, as with docker. */
function emptyProgram(program: Command): Command {
  return new Command('varve').action(() => {}).copyInheritedSettings(program);
}

function inheritSettings(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
  return command;
}
