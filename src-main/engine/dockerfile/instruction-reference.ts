import type { InstructionKind } from './instruction.ts';

/** What the editor shows beside an instruction's name. */
export interface InstructionReference {
  /** The forms it is written in. */
  readonly usage: readonly string[];
  readonly summary: string;
  /** The flags it takes, without dashes. */
  readonly flags: readonly string[];
}

/** A few words on each instruction, for hover and completion. */
export const INSTRUCTION_REFERENCE: Readonly<Record<InstructionKind, InstructionReference>> = {
  add: {
    usage: ['ADD source… destination', 'ADD ["source", "destination"]'],
    summary: 'Like COPY, and also unpacks archives of the context and fetches files and Git repositories.',
    flags: ['checksum', 'chmod', 'chown', 'exclude', 'keep-git-dir', 'link', 'unpack'],
  },
  arg: {
    usage: ['ARG name', 'ARG name=default'],
    summary:
      'Declares a build argument. Before the first FROM it is for FROM lines; a stage declares it again.',
    flags: [],
  },
  cmd: {
    usage: ['CMD ["program", "argument"]', 'CMD command'],
    summary: 'What a container runs by default, or the default arguments of ENTRYPOINT.',
    flags: [],
  },
  copy: {
    usage: ['COPY source… destination', 'COPY ["source", "destination"]', 'COPY <<NAME destination'],
    summary: 'Copies files from the build context, another stage, an image, or the lines that follow.',
    flags: ['chmod', 'chown', 'exclude', 'from', 'link', 'parents'],
  },
  entrypoint: {
    usage: ['ENTRYPOINT ["program", "argument"]', 'ENTRYPOINT command'],
    summary: 'The program that a container is; arguments given to it come after those written here.',
    flags: [],
  },
  env: {
    usage: ['ENV name=value…'],
    summary: 'Sets environment variables for the instructions after it and for containers.',
    flags: [],
  },
  expose: {
    usage: ['EXPOSE port…', 'EXPOSE port/udp', 'EXPOSE first-last'],
    summary: 'Says which ports the container listens on. It opens none.',
    flags: [],
  },
  from: {
    usage: ['FROM image', 'FROM image AS name', 'FROM scratch'],
    summary: 'Starts a stage on an image, on an earlier stage, or on nothing.',
    flags: ['platform'],
  },
  healthcheck: {
    usage: ['HEALTHCHECK CMD command', 'HEALTHCHECK NONE'],
    summary: 'How to find out whether a running container works; NONE turns off the base image’s.',
    flags: ['interval', 'retries', 'start-interval', 'start-period', 'timeout'],
  },
  label: {
    usage: ['LABEL name=value…'],
    summary: 'Adds metadata to the image.',
    flags: [],
  },
  maintainer: {
    usage: ['MAINTAINER name'],
    summary: 'Deprecated: use the label org.opencontainers.image.authors.',
    flags: [],
  },
  onbuild: {
    usage: ['ONBUILD instruction'],
    summary: 'Keeps an instruction for the build that starts from this image; it runs there, once.',
    flags: [],
  },
  run: {
    usage: ['RUN command', 'RUN ["program", "argument"]', 'RUN <<NAME'],
    summary: 'Runs a command in the stage and keeps what it changes as a layer.',
    flags: ['device', 'mount', 'network', 'security'],
  },
  shell: {
    usage: ['SHELL ["/bin/sh", "-c"]'],
    summary: 'The shell for the shell form of RUN, CMD and ENTRYPOINT after it.',
    flags: [],
  },
  stopsignal: {
    usage: ['STOPSIGNAL SIGTERM'],
    summary: 'The signal that asks a container to stop.',
    flags: [],
  },
  user: {
    usage: ['USER name', 'USER uid:gid'],
    summary: 'Who runs the RUN instructions after it, and the container.',
    flags: [],
  },
  volume: {
    usage: ['VOLUME path…', 'VOLUME ["path"]'],
    summary: 'Marks folders whose content lives outside the container.',
    flags: [],
  },
  workdir: {
    usage: ['WORKDIR path'],
    summary: 'The folder for the instructions after it; made when it is missing.',
    flags: [],
  },
};
