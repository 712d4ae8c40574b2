import { readYaml, wrongContent } from '../library/yaml-content';

/** Throws unless the text is YAML that holds a list of plays. What is inside them, Ansible checks. */
export function refuseUnlessPlays(content: string): void {
  const plays = readYaml(content);
  const isList = Array.isArray(plays) && plays.length > 0;
  if (
    !isList ||
    !plays.every((play) => typeof play === 'object' && play !== null && !Array.isArray(play))
  ) {
    throw wrongContent('must be a playbook: a YAML list of plays, each with its hosts');
  }
}
