import { describe, expect, it } from 'vitest';
import { refuseEnvironment } from './environment-size.ts';

const long = (bytes: number): string => 'x'.repeat(bytes);

describe('an environment', () => {
  it('may have one string of just under 128 KiB', () => {
    expect(() => refuseEnvironment('app', [], [`A=${long(131_072 - 3)}`])).not.toThrow();
    expect(() => refuseEnvironment('app', [`A=${long(131_072 - 2)}`], [])).toThrow(
      /"A" of container "app" takes 131073/,
    );
  });

  it('may not be larger than what the kernel passes in any case', () => {
    const many = Array.from({ length: 63 }, (_, index) => `V${index}=${long(100_000)}`);
    expect(() => refuseEnvironment('app', many, [])).toThrow(/its image's included, takes 6300\d+ bytes/);
    expect(() => refuseEnvironment('app', many.slice(1), [])).not.toThrow();
  });

  it('counts what replaces the image’s, not what is replaced', () => {
    expect(() => refuseEnvironment('app', [`A=${long(200_000)}`], ['A=short'])).not.toThrow();
  });
});
