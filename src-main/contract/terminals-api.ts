import { z } from 'zod';
import { method } from './method.ts';

const size = { columns: z.number().int().min(1).max(1000), rows: z.number().int().min(1).max(1000) };

export const terminalsApi = {
  /**
   * A shell in an image, or in what a command that failed had left: with its environment, user, folder and mounts, and
   * without its secrets. Whatever it changes is thrown away. Ends with the shell; cancelling ends every process in it.
   */
  open: method({
    params: z.object({
      /** Chosen by the caller; names the terminal in the other calls. */
      id: z.string().min(8),
      image: z.string(),
      /** In place of the shell. */
      command: z.array(z.string()).optional(),
      ...size,
    }),
    result: z.object({ exitCode: z.number() }),
    /** What the terminal shows, control sequences included. */
    progress: z.object({ text: z.string() }),
  }),
  /** What the person types. NOT_FOUND when the terminal has ended. */
  input: method({
    params: z.object({ id: z.string(), text: z.string() }),
    result: z.object({}),
    progress: z.never(),
  }),
  resize: method({
    params: z.object({ id: z.string(), ...size }),
    result: z.object({}),
    progress: z.never(),
  }),
};
