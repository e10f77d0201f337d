import type { InstructionKind } from '../instruction.ts';

/** What is told of an instruction, a flag or a directive. */
export interface Doc {
  /** How it is written. */
  readonly syntax: string;
  readonly text: readonly string[];
  readonly url: string;
}

const REFERENCE = 'https://docs.docker.com/reference/dockerfile/#';

/** An address in Docker's reference. */
export function referenceUrl(anchor: string): string {
  return `${REFERENCE}${anchor}`;
}

function doc(anchor: string, syntax: string, ...text: readonly string[]): Doc {
  return { syntax, text, url: referenceUrl(anchor) };
}

/** Every instruction by its name in lower case. */
export const INSTRUCTION_DOCS: Readonly<Record<InstructionKind, Doc>> = {
  from: doc(
    'from',
    'FROM [--platform=…] <image> [AS <name>]',
    'Begins a stage on top of an image, an earlier stage, or nothing at all (scratch).',
    'The last stage is what a build makes unless a target names another one. Only ARG may stand before the first FROM.',
  ),
  run: doc(
    'run',
    'RUN [--mount=…] [--network=…] [--security=…] <command>',
    'Runs a command in the stage and keeps what it changed in the file system as a layer.',
    'Text is given to the shell; a JSON array is started as it is. A here-document takes several lines.',
  ),
  cmd: doc(
    'cmd',
    'CMD ["program", "argument"…]',
    'Says what a container runs when it is started without a command, or what ENTRYPOINT gets as arguments. The last one counts.',
    'As a JSON array the program gets signals itself; as text it runs under a shell.',
  ),
  label: doc(
    'label',
    'LABEL <key>=<value>…',
    'Adds names and values to the image that tools and people can read. They change nothing in what it does.',
  ),
  maintainer: doc(
    'maintainer-deprecated',
    'MAINTAINER <name>',
    'Says who looks after the image. Deprecated: LABEL org.opencontainers.image.authors is for that.',
  ),
  expose: doc(
    'expose',
    'EXPOSE <port>[/tcp|/udp]…',
    'Tells on which ports the container listens. It opens none: whoever runs the container does.',
  ),
  env: doc(
    'env',
    'ENV <name>=<value>…',
    'Sets environment variables for the instructions that follow, for stages built on this one, and for containers.',
  ),
  add: doc(
    'add',
    'ADD [--chown=…] [--chmod=…] [--checksum=…] [--link] <source>… <destination>',
    'Copies files of the build context, unpacks local archives, and fetches URLs and Git repositories.',
    'COPY is the better choice where a file is just to be copied.',
  ),
  copy: doc(
    'copy',
    'COPY [--from=…] [--chown=…] [--chmod=…] [--link] <source>… <destination>',
    'Copies files and folders from the build context, or with --from out of a stage or an image.',
    'A folder is copied with what is in it, not itself. A destination that ends in / is a folder.',
  ),
  entrypoint: doc(
    'entrypoint',
    'ENTRYPOINT ["program", "argument"…]',
    'Says what a container always runs; CMD or the words after docker run become its arguments.',
    'As text it runs under a shell, which gets the signals and ignores CMD.',
  ),
  volume: doc(
    'volume',
    'VOLUME <path>…',
    'Marks folders whose content lives outside of the container. Later instructions cannot change what is in them.',
  ),
  user: doc(
    'user',
    'USER <user>[:<group>]',
    'Sets who the RUN instructions after it and the container run as, by name or by number.',
  ),
  workdir: doc(
    'workdir',
    'WORKDIR <path>',
    'Sets the folder in which the instructions after it and the container work, and makes it. A relative path starts at the one before.',
  ),
  arg: doc(
    'arg',
    'ARG <name>[=<default>]…',
    'Declares a variable that a build can be given with --build-arg. It holds for the rest of the stage and is not in the container’s environment.',
    'Before the first FROM it is for FROM only; a stage that wants it declares the name again. Not for secrets: the image’s history shows it.',
  ),
  onbuild: doc(
    'onbuild',
    'ONBUILD <instruction>',
    'Keeps an instruction in the image that runs when another build starts FROM it.',
  ),
  stopsignal: doc(
    'stopsignal',
    'STOPSIGNAL <signal>',
    'Says which signal asks the container to stop: a name like SIGTERM or a number.',
  ),
  healthcheck: doc(
    'healthcheck',
    'HEALTHCHECK [--interval=…] [--timeout=…] [--retries=…] CMD <command>',
    'Says how to find out whether the container still works: the command ends with 0 when it does, with 1 when not.',
    'HEALTHCHECK NONE takes a check of the base image away. The last one counts.',
  ),
  shell: doc(
    'shell',
    'SHELL ["program", "argument"…]',
    'Sets the shell that the text forms of RUN, CMD, ENTRYPOINT and HEALTHCHECK are given to, from here on.',
  ),
};
