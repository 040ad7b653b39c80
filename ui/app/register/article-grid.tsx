import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Article } from '../../../agent/contract/index.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { type Problem, toProblem } from '../kit/problem.ts';
import css from './article-grid.module.css';
import { useRegister } from './register-context.ts';

/** Articles drawn at a time; the search narrows. */
const ARTICLES_SHOWN = 60;
/** Pause in typing before the search asks. */
const SEARCH_PAUSE_MS = 120;

/** Articles to press, by name, SKU or barcode. */
export function ArticleGrid() {
  const { t, say } = useLanguage();
  const { register, format } = useRegister();
  const [query, setQuery] = useState('');
  const [articles, setArticles] = useState<readonly Article[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(
      () => {
        register.search(query.trim(), ARTICLES_SHOWN).then(
          (found) => {
            if (!wanted) return;
            setArticles(found);
            setProblem(null);
          },
          (error: unknown) => wanted && setProblem(toProblem(error)),
        );
      },
      query === '' ? 0 : SEARCH_PAUSE_MS,
    );
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [register, query]);
  const onEnter = (): void => {
    const [only] = articles ?? [];
    if (only === undefined || articles?.length !== 1) return;
    register.ring(only);
    setQuery('');
  };
  return (
    <section className={css['panel']} aria-label={t('register.search')}>
      <TextInput
        aria-label={t('register.search')}
        placeholder={t('register.search')}
        leftSection={<IconSearch size={20} />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.repeat) onEnter();
        }}
        autoComplete="off"
      />
      <ProblemNotice problem={problem} />
      {articles?.length === 0 ? (
        <div className={css['empty']}>
          <p>{t('register.noArticles')}</p>
          <p>{t('register.noArticlesHint')}</p>
        </div>
      ) : null}
      <ul className={css['grid']}>
        {(articles ?? []).map((article) => (
          <li key={article.sku}>
            <button type="button" className={css['article']} onClick={() => register.ring(article)}>
              <span className={css['name']}>{say(article.name)}</span>
              <span className={css['facts']}>
                <span className={css['sku']}>{article.sku}</span>
                <strong>{format.price(article.priceMinor)}</strong>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
