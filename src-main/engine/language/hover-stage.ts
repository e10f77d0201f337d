import type { Stage } from '../dockerfile/dockerfile.ts';
import { neededForTarget } from '../dockerfile/language/stage-links.ts';
import { stageMentions, type StageMention } from '../dockerfile/language/stage-mentions.ts';
import type { HoverText } from './hover-text.ts';
import type { Question } from './question.ts';

const SHOWN = 10;

function linesOf(mentions: readonly StageMention[]): string {
  const lines = [...new Set(mentions.map(({ location }) => location.line))];
  const shown = lines.slice(0, SHOWN).join(', ');
  return `${lines.length === 1 ? 'line' : 'lines'} ${shown}${lines.length > SHOWN ? '…' : ''}`;
}

/** A stage: where it begins, on what, and what uses it. */
export function hoverStage(question: Question, stage: Stage): HoverText {
  const { dockerfile } = question.reading;
  const uses = stageMentions(question.reading).filter(
    (mention) => mention.stage === stage.index && mention.role !== 'definition',
  );
  const needed = neededForTarget(dockerfile, question.target, question.globalValues());
  const { as, image, location } = stage.from;
  const used = uses.length === 0 ? [] : [{ name: 'Used on', value: linesOf(uses) }];
  return {
    title: `stage ${as?.name.text ?? stage.index}`,
    syntax: `FROM ${image.text}${as === undefined ? '' : ` AS ${as.name.text}`}`,
    text: needed.has(stage.index) ? [] : ['The target does not need this stage: a build leaves it out.'],
    facts: [
      { name: 'Begins on', value: `line ${location.line}` },
      { name: 'Base', value: image.text },
      { name: 'Instructions', value: String(stage.instructions.length) },
      ...used,
    ],
  };
}
