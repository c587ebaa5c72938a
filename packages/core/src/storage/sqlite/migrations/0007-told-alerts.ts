/** Finds what was told of a flow a short time ago. */
export const toldAlerts = 'CREATE INDEX alerts_told ON alerts (rule, kind, flow_id, created_at)'
