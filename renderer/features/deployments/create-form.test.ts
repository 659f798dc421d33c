import { describe, expect, it } from 'vitest';
import { emptyForm, problemsOf, readForm, splitCommand, type CreateFields } from './create-form.ts';

const form = (part: Partial<CreateFields>): CreateFields => ({
  ...emptyForm('default'),
  name: 'web',
  image: 'web:1',
  ...part,
});

describe('the create form', () => {
  it.each<[string, Partial<CreateFields>, object]>([
    ['a good form', {}, {}],
    ['a name with capitals', { name: 'Web' }, { name: 'name' }],
    ['no image', { image: ' ' }, { image: 'image' }],
    ['half a replica', { replicas: 1.5 }, { replicas: 'replicas' }],
    ['no number of replicas', { replicas: '' }, { replicas: 'replicas' }],
    ['a port too high', { containerPort: '70000' }, { containerPort: 'port' }],
    ['a service without port', { expose: 'NodePort', servicePort: '' }, { servicePort: 'port' }],
    ['an odd quantity', { cpuRequest: 'much' }, { cpuRequest: 'quantity' }],
    ['good quantities', { cpuRequest: '250m', memoryLimit: '1.5Gi' }, {}],
  ])('finds in %s what is wrong', (_title, part, problems) => {
    expect(problemsOf(form(part))).toEqual(problems);
  });

  it('leaves out what was left empty', () => {
    expect(readForm(form({ environment: [{ name: '', value: 'x' }] }))).toEqual({
      namespace: 'default',
      name: 'web',
      image: 'web:1',
      replicas: 2,
      environment: [],
    });
  });

  it('asks for dense packing where that was chosen', () => {
    expect(readForm(form({ placement: 'pack' })).isPacked).toBe(true);
    expect(readForm(form({})).isPacked).toBeUndefined();
  });

  it('splits a command like a shell', () => {
    expect(splitCommand(`sh -c "echo \\"hi\\" there" 'a b' c\\ d`)).toEqual([
      'sh',
      '-c',
      'echo "hi" there',
      'a b',
      'c d',
    ]);
  });
});
