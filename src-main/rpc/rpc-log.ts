/** Where a boundary writes what its caller must not see; pino's loggers are such. */
export interface RpcLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
