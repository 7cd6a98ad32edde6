// How codexfs help is called: about a command, a topic, or the program.

import { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { closestName } from '../../remotes/closestName.js';
import { addGlobalOptions } from '../globalOptions.js';
import { helpLayout } from '../help/helpLayout.js';
import { type TopicName, topicNames } from '../help/topicNames.js';
import type { CommandTree } from './CommandTree.js';

export function declareHelp(command: Command, tree: CommandTree): void {
  command
    .usage('[COMMAND | TOPIC]')
    .argument('[about]')
    .configureHelp({ visibleArguments: () => [] })
    .action(async (about: string | undefined) => {
      if (about === undefined) return tree.tell(await tree.helpOf(undefined));
      const topic = topicNames.find((name) => name === about);
      if (topic !== undefined) return tree.tell(await topicText(topic));
      const text = tree.commandNames.includes(about) ? await tree.helpOf(about) : undefined;
      if (text === undefined) throw unknown(about, tree);
      return tree.tell(text);
    });
}

async function topicText(topic: TopicName): Promise<string> {
  if (topic === 'options') return optionsText();
  const { topics } = await import('../help/topics.js');
  return topics[topic];
}

/** The options that every command takes, as commander tells of them. */
function optionsText(): string {
  const help = addGlobalOptions(new Command('codexfs').configureOutput(helpLayout)).helpOption(false).helpInformation();
  return `Options of every command, before or behind its name.\n\n${help.slice(help.indexOf('Global options:'))}`;
}

function unknown(about: string, { commandNames }: CommandTree): UsageError {
  const guess = closestName(about, [...commandNames, ...topicNames]);
  return new UsageError(`there is no command and no topic \`${about}\``, {
    hint:
      guess === undefined
        ? `topics: ${topicNames.join(', ')}; codexfs --help lists the commands`
        : `did you mean ${guess}?`,
  });
}
