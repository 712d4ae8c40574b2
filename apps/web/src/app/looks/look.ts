import type { IconName } from '../icons/icons';

/** How something looks: never by colour alone, so a word and an icon come with it. */
export interface Look {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: 'good' | 'bad' | 'warn' | 'live' | 'calm';
}
