// What could stand at the end of a typed line. A candidate is the whole word; a blank at its end says that the word is complete.

import type { Option } from 'commander';
import type { CommandEntry } from '../commands/CommandTree.js';
import { topicNames } from '../help/topicNames.js';
import { WordOption } from '../options.js';
import { localPaths, type Places, remoteNames, remotePaths } from './locations.js';
import { shells } from './shells.js';
import type { TypedLine } from './TypedLine.js';

export interface Sources {
  readonly commands: readonly CommandEntry[];
  readonly places: Places;
}

/** The candidates for the last word of `line`, those that begin as it does. */
export async function candidatesFor(line: TypedLine, sources: Sources): Promise<string[]> {
  const { current, awaiting } = line;
  if (awaiting !== undefined) return valuesOf(awaiting, current);
  if (current.startsWith('-') && !line.isBehindDashes) return optionCandidates(line);
  if (line.command === undefined) return complete(names(sources.commands), current);
  return wordCandidates(line, sources);
}

async function wordCandidates({ command, current }: TypedLine, { commands, places }: Sources): Promise<string[]> {
  switch (commands.find(({ name }) => name === command)?.words ?? 'locations') {
    case 'nothing':
      return [];
    case 'commands':
      return complete([...names(commands), ...topicNames], current);
    case 'shells':
      return complete(shells, current);
    case 'remotes':
      return complete(await remoteNames(places), current);
    case 'locations':
      return locationCandidates(current, places);
  }
}

async function locationCandidates(current: string, places: Places): Promise<string[]> {
  const fromRemote = await remotePaths(current, places);
  if (fromRemote !== undefined) return fromRemote;
  const remotes = (await remoteNames(places)).map((name) => `${name}:`).filter((name) => name.startsWith(current));
  return [...remotes, ...(await localPaths(current))];
}

async function optionCandidates(line: TypedLine): Promise<string[]> {
  const { current } = line;
  const options = line.options.filter(({ hidden }) => !hidden);
  const [flag = '', value] = current.split(/=(.*)/s);
  const option = options.find(({ long }) => long === flag);
  if (value !== undefined) {
    const values = option === undefined ? [] : await valuesOf(option, value);
    return values.map((one) => `${flag}=${one}`);
  }
  const flags = options.flatMap(({ long }) => long ?? []);
  return complete([...flags, '--help'], current);
}

async function valuesOf(option: Option, current: string): Promise<string[]> {
  if (option instanceof WordOption) return complete(option.words, current);
  return /<(FILE|DIR)>/.test(option.flags) ? localPaths(current) : [];
}

function names(commands: readonly CommandEntry[]): string[] {
  return commands.filter(({ isHidden }) => !isHidden).map(({ name }) => name);
}

function complete(words: readonly string[], current: string): string[] {
  return [...new Set(words)].filter((word) => word.startsWith(current)).map((word) => `${word} `);
}
