/**
 * The integration guide's queries, word for word. Whoever runs them puts the run's id where the guide writes
 * `current-run-id` or a driver's placeholder.
 */
export const guideQueries = {
  importStatus: `SELECT
    phase,
    total_items,
    completed_items,
    failed_items,
    percent_complete,
    current_item,
    estimated_completion
FROM processing_progress
WHERE run_id = 'current-run-id'
  AND phase = 'data_import';`,

  failedForRetry: `SELECT
    symbol,
    error_message,
    retry_count
FROM symbol_processing_status
WHERE run_id = 'current-run-id'
  AND phase = 'data_import'
  AND status = 'failed'
ORDER BY retry_count ASC;`,

  failedSymbols: `        SELECT symbol, error_message
        FROM symbol_processing_status
        WHERE run_id = %s
          AND phase = 'data_import'
          AND status = 'failed'`,

  performance: `SELECT
    phase,
    COUNT(DISTINCT symbol) as symbols_processed,
    AVG(processing_time_ms) as avg_time_ms,
    MAX(processing_time_ms) as max_time_ms
FROM symbol_processing_status
WHERE run_id = 'current-run-id'
GROUP BY phase;`,

  dataCoverage: `SELECT
    COUNT(DISTINCT symbol) as unique_symbols,
    COUNT(*) as total_records,
    MIN(date) as earliest_date,
    MAX(date) as latest_date
FROM ohlcv_daily
WHERE created_at > NOW() - INTERVAL '1 hour';`,
} as const;
