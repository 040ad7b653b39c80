import { useLanguage } from './use-language.ts';

/** The words for tiers of the chain; one without a word of ours is shown by its id. */
export function useTiers() {
  const { t } = useLanguage();
  return {
    memberTier: (tier: string): string => t(`tier.${tier as 'standard'}`, { defaultValue: tier }),
    storeTier: (tier: string): string =>
      t(`storeTier.${tier as 'standard'}`, { defaultValue: tier }),
  };
}
