import { z } from 'zod';
import { method } from './method.ts';
import { digestSchema, platformSchema, sourceLocationSchema } from './oci-types.ts';

/** A place between two characters of a text: line and column count from 1, columns in UTF-16 code units. */
export const textPositionSchema = z.object({ line: z.number().int(), column: z.number().int() });
export type TextPosition = Readonly<z.output<typeof textPositionSchema>>;

/** Replaces what stands at `location` by `text`; an empty location inserts. */
export const textEditSchema = z.object({ location: sourceLocationSchema, text: z.string() });
export type TextEdit = Readonly<z.output<typeof textEditSchema>>;

/** A Dockerfile as it stands in the editor, saved or not, and what a build of it would be given. */
export const dockerfileTextSchema = z.object({
  text: z.string(),
  /** Its path or name: locations carry it, and its own ignore file is found by it. */
  file: z.string().default('Dockerfile'),
  /** The build context's folder. */
  context: z.string().min(1).optional(),
  buildArgs: z.record(z.string(), z.string()).default({}),
  target: z.string().optional(),
  platform: platformSchema.optional(),
});
export type DockerfileText = Readonly<z.output<typeof dockerfileTextSchema>>;

/** One thing that could be written at a place. */
export const completionSchema = z.object({
  kind: z.enum([
    'instruction',
    'flag',
    /** A flag's or directive's value, a protocol, a signal, AS, NONE: a word of the language. */
    'value',
    'directive',
    'stage',
    'image',
    'variable',
    'file',
    'folder',
    'user',
  ]),
  /** What is shown and matched. */
  label: z.string(),
  /** What is written in the place of `replace`. */
  insert: z.string(),
  /** A few words beside the label: a variable's value, an image's size, a flag's form. */
  detail: z.string().optional(),
  /** A sentence or two for the one that is chosen. */
  documentation: z.string().optional(),
  /** More is to be completed right after it: a folder's path, a flag with a value. */
  continues: z.boolean().default(false),
});
export type Completion = Readonly<z.output<typeof completionSchema>>;

/** What a word means where it stands. Every text comes from images and files: show it as text only. */
export const hoverSchema = z.object({
  location: sourceLocationSchema,
  /** `COPY`, `$VERSION`, `python:3.12-slim`. */
  title: z.string(),
  /** How it is written: `COPY [--from=…] <source>… <destination>`. */
  syntax: z.string().optional(),
  /** Paragraphs. */
  text: z.array(z.string()),
  /** Named figures: value, set by, digest, size. A digest in full stands in `digest` too, for its swatch. */
  facts: z.array(z.object({ name: z.string(), value: z.string(), digest: digestSchema.optional() })),
  url: z.string().optional(),
});
export type Hover = Readonly<z.output<typeof hoverSchema>>;

/** A stage or a variable, with every place in the file where it is meant. */
export const symbolSchema = z.object({
  kind: z.enum(['stage', 'variable']),
  /** As it is defined. */
  name: z.string(),
  /** The name under the position, without `$`, braces or quotes. */
  location: sourceLocationSchema,
  /** Where it is defined, nearest above the position; absent for what the base image or Varve defines. */
  definition: sourceLocationSchema.optional(),
  /** Every mention, the definition among them, in the order of the file. */
  mentions: z.array(sourceLocationSchema),
  canRename: z.boolean(),
});
export type DockerfileSymbol = Readonly<z.output<typeof symbolSchema>>;

/** What a run of characters is, for its colour. Runs do not overlap and do not cross lines. */
export const tokenSchema = z.object({
  line: z.number(),
  column: z.number(),
  length: z.number(),
  kind: z.enum([
    'comment',
    'directive',
    'keyword',
    'flag',
    'stage',
    'image',
    'variable',
    'string',
    'number',
    'operator',
    'heredoc',
  ]),
});
export type Token = Readonly<z.output<typeof tokenSchema>>;

export const outlineInstructionSchema = z.object({
  keyword: z.string(),
  /** The rest in one line, as written. */
  detail: z.string(),
  location: sourceLocationSchema,
});

/** A stage in the outline; the arguments before the first FROM come first, as a stage without index. */
export const outlineStageSchema = z.object({
  index: z.number().optional(),
  name: z.string().optional(),
  /** What FROM names, as written. */
  base: z.string().optional(),
  /** From its first line to its last. */
  location: sourceLocationSchema,
  /** What to select when it is chosen: the name, else the FROM. */
  selection: sourceLocationSchema,
  /** True when the target (the last stage unless one is given) needs it. */
  needed: z.boolean(),
  instructions: z.array(outlineInstructionSchema),
});
export type OutlineStage = Readonly<z.output<typeof outlineStageSchema>>;

/** Lines that can be folded away: `first` stays in sight, those up to `last` go. */
export const foldSchema = z.object({
  first: z.number(),
  last: z.number(),
  kind: z.enum(['stage', 'instruction', 'heredoc', 'comment']),
});
export type Fold = Readonly<z.output<typeof foldSchema>>;

const none = z.never();
const at = dockerfileTextSchema.extend({ position: textPositionSchema });

/**
 * What an editor asks about a Dockerfile. Everything comes from the engine's own parser; no call rejects for the
 * text's sake, and none touches the network. A text of 1,000 lines is answered within a frame or two.
 */
export const dockerfilesApi = {
  /** What could be written at a position: at most 200 items, best first; `replace` is the part of the word that is there. */
  complete: method({
    params: at,
    result: z.object({
      replace: sourceLocationSchema,
      items: z.array(completionSchema),
      /** True when there is more than was answered: ask again after the next character. */
      incomplete: z.boolean(),
    }),
    progress: none,
  }),
  /** What the word at a position means; null where there is nothing to say. */
  hover: method({ params: at, result: hoverSchema.nullable(), progress: none }),
  /** The stage or variable that is named at a position, null when none is. */
  symbol: method({ params: at, result: symbolSchema.nullable(), progress: none }),
  /** The edits that give the stage at a position another name wherever it is meant. INVALID_INPUT or CONFLICT for a name that cannot be. */
  rename: method({
    params: at.extend({ name: z.string() }),
    result: z.object({ edits: z.array(textEditSchema) }),
    progress: none,
  }),
  /** Outline, folds and colours. */
  structure: method({
    params: dockerfileTextSchema,
    result: z.object({
      outline: z.array(outlineStageSchema),
      folds: z.array(foldSchema),
      tokens: z.array(tokenSchema),
    }),
    progress: none,
  }),
  /**
   * The edits, a line or more each, that lay the text out: keywords in upper case, one space between words,
   * continuation lines indented, flags first, no trailing space, one empty line at most. What a build sees stays
   * the same to the byte, comments stay; formatting twice changes nothing. No edits when something does not parse.
   */
  format: method({
    params: dockerfileTextSchema,
    result: z.object({ edits: z.array(textEditSchema) }),
    progress: none,
  }),
};
