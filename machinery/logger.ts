// Structured logs: one JSON line per message on stderr (stdout belongs to command results), written synchronously.
import { pino } from 'pino';

/** Writes one line; with fields first, as in pino: `log.info({ pod }, 'pod started')`. An `err` field prints its stack. */
export interface LogMethod {
  (fields: object, message: string): void;
  (message: string): void;
}

export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** The same log with these fields on every line. */
  child(fields: object): Logger;
}

export interface LoggerOptions {
  /** Default: the environment's PILOTHOUSE_LOG_LEVEL, else `info`. */
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where lines go, stderr by default. */
  write?(line: string): void;
}

/** A log whose lines carry `name`, the part that speaks. */
export function createLogger(name: string, options: LoggerOptions = {}): Logger {
  const { write } = options;
  const destination = write ? { write } : pino.destination({ dest: 2, sync: true });
  const level = options.level ?? process.env.PILOTHOUSE_LOG_LEVEL ?? 'info';
  return pino({ name, level, base: {}, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

const ignore: LogMethod = () => undefined;

/** A log that nobody reads. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
