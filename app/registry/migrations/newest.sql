-- schema 0008
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE projects (
	id TEXT NOT NULL,
	only INTEGER NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_projects PRIMARY KEY (id),
	CONSTRAINT ck_projects_only CHECK (only = 1),
	CONSTRAINT uq_projects_only UNIQUE (only)
);

CREATE TABLE project_names (
	seq INTEGER NOT NULL,
	name TEXT NOT NULL,
	at TEXT NOT NULL,
	actor TEXT NOT NULL,
	CONSTRAINT pk_project_names PRIMARY KEY (seq)
);

CREATE TABLE datasets (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_datasets PRIMARY KEY (id),
	CONSTRAINT uq_datasets_name UNIQUE (name)
);

CREATE TABLE data_versions (
	id TEXT NOT NULL,
	dataset_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	rows INTEGER NOT NULL,
	parent_id TEXT,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_data_versions PRIMARY KEY (id),
	CONSTRAINT fk_data_versions_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id),
	CONSTRAINT fk_data_versions_parent_id FOREIGN KEY(parent_id) REFERENCES data_versions (id),
	CONSTRAINT uq_data_versions_dataset_id_number UNIQUE (dataset_id, number),
	CONSTRAINT uq_data_versions_sha256 UNIQUE (sha256)
);

CREATE TABLE version_sources (
	version_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	CONSTRAINT pk_version_sources PRIMARY KEY (version_id, position),
	CONSTRAINT fk_version_sources_version_id FOREIGN KEY(version_id) REFERENCES data_versions (id)
);

CREATE TABLE readings (
	id TEXT NOT NULL,
	version_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	recipe TEXT NOT NULL,
	columns TEXT NOT NULL,
	positive TEXT,
	table_sha256 TEXT NOT NULL,
	profile_sha256 TEXT NOT NULL,
	findings TEXT NOT NULL,
	why_target TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_readings PRIMARY KEY (id),
	CONSTRAINT fk_readings_version_id FOREIGN KEY(version_id) REFERENCES data_versions (id),
	CONSTRAINT uq_readings_version_id_number UNIQUE (version_id, number),
	CONSTRAINT uq_readings_id_version_id UNIQUE (id, version_id)
);

CREATE TABLE reading_selections (
	seq INTEGER NOT NULL,
	version_id TEXT NOT NULL,
	reading_id TEXT NOT NULL,
	at TEXT NOT NULL,
	actor TEXT NOT NULL,
	CONSTRAINT pk_reading_selections PRIMARY KEY (seq),
	CONSTRAINT fk_reading_selections_reading_id_version_id FOREIGN KEY(reading_id, version_id) REFERENCES readings (id, version_id)
);

CREATE INDEX ix_reading_selections_version_id_seq ON reading_selections (version_id, seq);

CREATE TABLE runs (
	id TEXT NOT NULL,
	number INTEGER NOT NULL,
	dataset_id TEXT NOT NULL,
	version_id TEXT NOT NULL,
	reading_id TEXT NOT NULL,
	"plan" TEXT NOT NULL,
	environment_sha256 TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_runs PRIMARY KEY (id),
	CONSTRAINT fk_runs_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id),
	CONSTRAINT fk_runs_reading_id_version_id FOREIGN KEY(reading_id, version_id) REFERENCES readings (id, version_id),
	CONSTRAINT uq_runs_number UNIQUE (number)
);

CREATE TABLE run_events (
	seq INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	state TEXT NOT NULL,
	at TEXT NOT NULL,
	actor TEXT NOT NULL,
	reason TEXT NOT NULL,
	notes TEXT NOT NULL,
	host TEXT NOT NULL,
	pid INTEGER NOT NULL,
	process_started FLOAT NOT NULL,
	CONSTRAINT pk_run_events PRIMARY KEY (seq),
	CONSTRAINT fk_run_events_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);

CREATE INDEX ix_run_events_run_id_seq ON run_events (run_id, seq);

CREATE UNIQUE INDEX uq_run_events_started ON run_events (run_id) WHERE state = 'running';

CREATE UNIQUE INDEX uq_run_events_ended ON run_events (run_id) WHERE state IN ('finished', 'cancelled', 'failed', 'interrupted');

CREATE UNIQUE INDEX uq_run_events_discarded ON run_events (run_id) WHERE state = 'discarded';

CREATE TABLE candidates (
	id TEXT NOT NULL,
	run_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	family TEXT NOT NULL,
	state TEXT NOT NULL,
	baseline BOOLEAN NOT NULL,
	seconds FLOAT NOT NULL,
	cv_value FLOAT,
	cv_low FLOAT,
	cv_high FLOAT,
	holdout_value FLOAT,
	holdout_low FLOAT,
	holdout_high FLOAT,
	recipe_sha256 TEXT,
	onnx_sha256 TEXT,
	parity_sha256 TEXT,
	predictions_sha256 TEXT,
	evaluation_sha256 TEXT,
	onnx_bytes INTEGER NOT NULL,
	note TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_candidates PRIMARY KEY (id),
	CONSTRAINT fk_candidates_run_id FOREIGN KEY(run_id) REFERENCES runs (id),
	CONSTRAINT uq_candidates_run_id_position UNIQUE (run_id, position)
);

CREATE TABLE gate_results (
	candidate_id TEXT NOT NULL,
	name TEXT NOT NULL,
	position INTEGER NOT NULL,
	passed BOOLEAN NOT NULL,
	value FLOAT,
	bound FLOAT,
	message TEXT NOT NULL,
	CONSTRAINT pk_gate_results PRIMARY KEY (candidate_id, name),
	CONSTRAINT fk_gate_results_candidate_id FOREIGN KEY(candidate_id) REFERENCES candidates (id)
);

CREATE TABLE models (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	dataset_id TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_models PRIMARY KEY (id),
	CONSTRAINT fk_models_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id),
	CONSTRAINT uq_models_name UNIQUE (name)
);

CREATE TABLE model_versions (
	id TEXT NOT NULL,
	model_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	candidate_id TEXT NOT NULL,
	card_sha256 TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_model_versions PRIMARY KEY (id),
	CONSTRAINT fk_model_versions_model_id FOREIGN KEY(model_id) REFERENCES models (id),
	CONSTRAINT fk_model_versions_run_id FOREIGN KEY(run_id) REFERENCES runs (id),
	CONSTRAINT fk_model_versions_candidate_id FOREIGN KEY(candidate_id) REFERENCES candidates (id),
	CONSTRAINT uq_model_versions_model_id_number UNIQUE (model_id, number),
	CONSTRAINT uq_model_versions_candidate_id UNIQUE (candidate_id)
);

CREATE TABLE approvals (
	id TEXT NOT NULL,
	model_version_id TEXT NOT NULL,
	decision TEXT NOT NULL,
	actor TEXT NOT NULL,
	reason TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_approvals PRIMARY KEY (id),
	CONSTRAINT fk_approvals_model_version_id FOREIGN KEY(model_version_id) REFERENCES model_versions (id)
);

CREATE UNIQUE INDEX uq_approvals_approved ON approvals (model_version_id) WHERE decision = 'approved';

CREATE TABLE bundles (
	id TEXT NOT NULL,
	model_version_id TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	path TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_bundles PRIMARY KEY (id),
	CONSTRAINT fk_bundles_model_version_id FOREIGN KEY(model_version_id) REFERENCES model_versions (id),
	CONSTRAINT uq_bundles_sha256_path UNIQUE (sha256, path)
);

CREATE TABLE services (
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	bundle_id TEXT NOT NULL,
	state TEXT NOT NULL,
	port INTEGER NOT NULL,
	log_path TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_services PRIMARY KEY (id),
	CONSTRAINT fk_services_bundle_id FOREIGN KEY(bundle_id) REFERENCES bundles (id),
	CONSTRAINT uq_services_log_path UNIQUE (log_path)
);

CREATE TABLE prediction_logs (
	id TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	bundle_sha256 TEXT NOT NULL,
	rows INTEGER NOT NULL,
	first_at TEXT NOT NULL,
	last_at TEXT NOT NULL,
	service_id TEXT,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_prediction_logs PRIMARY KEY (id),
	CONSTRAINT fk_prediction_logs_service_id FOREIGN KEY(service_id) REFERENCES services (id)
);

CREATE INDEX ix_prediction_logs_bundle_sha256 ON prediction_logs (bundle_sha256);

CREATE TABLE predictions (
	id TEXT NOT NULL,
	log_id TEXT NOT NULL,
	offset_bytes INTEGER NOT NULL,
	CONSTRAINT pk_predictions PRIMARY KEY (id),
	CONSTRAINT fk_predictions_log_id FOREIGN KEY(log_id) REFERENCES prediction_logs (id)
)
 WITHOUT ROWID;

CREATE TABLE collect_cursors (
	"key" TEXT NOT NULL,
	offset_bytes INTEGER NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_collect_cursors PRIMARY KEY ("key")
);

CREATE TABLE audit (
	seq INTEGER NOT NULL,
	at TEXT NOT NULL,
	actor TEXT NOT NULL,
	verb TEXT NOT NULL,
	noun TEXT NOT NULL,
	commitment TEXT NOT NULL,
	previous_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	CONSTRAINT pk_audit PRIMARY KEY (seq),
	CONSTRAINT uq_audit_hash UNIQUE (hash)
);

CREATE TABLE audit_payloads (
	seq INTEGER NOT NULL,
	payload TEXT NOT NULL,
	salt TEXT NOT NULL,
	CONSTRAINT pk_audit_payloads PRIMARY KEY (seq),
	CONSTRAINT fk_audit_payloads_seq FOREIGN KEY(seq) REFERENCES audit (seq)
);

CREATE TRIGGER audit_chain BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  OR NEW.previous_hash IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_payloads_no_update BEFORE UPDATE ON audit_payloads
BEGIN SELECT RAISE(ABORT, 'audit_payloads is append-only'); END;

CREATE TRIGGER audit_payloads_no_delete BEFORE DELETE ON audit_payloads
WHEN NOT EXISTS (SELECT 1 FROM audit WHERE verb = 'audit.erase' AND noun = 'audit:' || OLD.seq)
BEGIN SELECT RAISE(ABORT, 'audit_payloads is append-only'); END;

CREATE TRIGGER projects_no_update BEFORE UPDATE ON projects BEGIN SELECT RAISE(ABORT, 'projects is append-only'); END;

CREATE TRIGGER projects_no_delete BEFORE DELETE ON projects BEGIN SELECT RAISE(ABORT, 'projects is append-only'); END;

CREATE TRIGGER project_names_no_update BEFORE UPDATE ON project_names BEGIN SELECT RAISE(ABORT, 'project_names is append-only'); END;

CREATE TRIGGER project_names_no_delete BEFORE DELETE ON project_names BEGIN SELECT RAISE(ABORT, 'project_names is append-only'); END;

CREATE TRIGGER datasets_no_update BEFORE UPDATE ON datasets BEGIN SELECT RAISE(ABORT, 'datasets is append-only'); END;

CREATE TRIGGER datasets_no_delete BEFORE DELETE ON datasets BEGIN SELECT RAISE(ABORT, 'datasets is append-only'); END;

CREATE TRIGGER data_versions_no_update BEFORE UPDATE ON data_versions BEGIN SELECT RAISE(ABORT, 'data_versions is append-only'); END;

CREATE TRIGGER data_versions_no_delete BEFORE DELETE ON data_versions BEGIN SELECT RAISE(ABORT, 'data_versions is append-only'); END;

CREATE TRIGGER version_sources_no_update BEFORE UPDATE ON version_sources BEGIN SELECT RAISE(ABORT, 'version_sources is append-only'); END;

CREATE TRIGGER version_sources_no_delete BEFORE DELETE ON version_sources BEGIN SELECT RAISE(ABORT, 'version_sources is append-only'); END;

CREATE TRIGGER readings_no_update BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END;

CREATE TRIGGER readings_no_delete BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END;

CREATE TRIGGER reading_selections_no_update BEFORE UPDATE ON reading_selections BEGIN SELECT RAISE(ABORT, 'reading_selections is append-only'); END;

CREATE TRIGGER reading_selections_no_delete BEFORE DELETE ON reading_selections BEGIN SELECT RAISE(ABORT, 'reading_selections is append-only'); END;

CREATE TRIGGER runs_no_update BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'runs is append-only'); END;

CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'runs is append-only'); END;

CREATE TRIGGER run_events_no_update BEFORE UPDATE ON run_events BEGIN SELECT RAISE(ABORT, 'run_events is append-only'); END;

CREATE TRIGGER run_events_no_delete BEFORE DELETE ON run_events BEGIN SELECT RAISE(ABORT, 'run_events is append-only'); END;

CREATE TRIGGER candidates_no_update BEFORE UPDATE ON candidates BEGIN SELECT RAISE(ABORT, 'candidates is append-only'); END;

CREATE TRIGGER candidates_no_delete BEFORE DELETE ON candidates BEGIN SELECT RAISE(ABORT, 'candidates is append-only'); END;

CREATE TRIGGER gate_results_no_update BEFORE UPDATE ON gate_results BEGIN SELECT RAISE(ABORT, 'gate_results is append-only'); END;

CREATE TRIGGER gate_results_no_delete BEFORE DELETE ON gate_results BEGIN SELECT RAISE(ABORT, 'gate_results is append-only'); END;

CREATE TRIGGER models_no_update BEFORE UPDATE ON models BEGIN SELECT RAISE(ABORT, 'models is append-only'); END;

CREATE TRIGGER models_no_delete BEFORE DELETE ON models BEGIN SELECT RAISE(ABORT, 'models is append-only'); END;

CREATE TRIGGER model_versions_no_update BEFORE UPDATE ON model_versions BEGIN SELECT RAISE(ABORT, 'model_versions is append-only'); END;

CREATE TRIGGER model_versions_no_delete BEFORE DELETE ON model_versions BEGIN SELECT RAISE(ABORT, 'model_versions is append-only'); END;

CREATE TRIGGER approvals_no_update BEFORE UPDATE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals is append-only'); END;

CREATE TRIGGER approvals_no_delete BEFORE DELETE ON approvals BEGIN SELECT RAISE(ABORT, 'approvals is append-only'); END;

CREATE TRIGGER bundles_no_update BEFORE UPDATE ON bundles BEGIN SELECT RAISE(ABORT, 'bundles is append-only'); END;

CREATE TRIGGER bundles_no_delete BEFORE DELETE ON bundles BEGIN SELECT RAISE(ABORT, 'bundles is append-only'); END;

CREATE TRIGGER prediction_logs_no_update BEFORE UPDATE ON prediction_logs BEGIN SELECT RAISE(ABORT, 'prediction_logs is append-only'); END;

CREATE TRIGGER prediction_logs_no_delete BEFORE DELETE ON prediction_logs BEGIN SELECT RAISE(ABORT, 'prediction_logs is append-only'); END;

CREATE TRIGGER predictions_no_update BEFORE UPDATE ON predictions BEGIN SELECT RAISE(ABORT, 'predictions is append-only'); END;

CREATE TRIGGER predictions_no_delete BEFORE DELETE ON predictions BEGIN SELECT RAISE(ABORT, 'predictions is append-only'); END;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TABLE version_origins (
	version_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	origin TEXT NOT NULL,
	CONSTRAINT pk_version_origins PRIMARY KEY (version_id),
	CONSTRAINT fk_version_origins_version_id FOREIGN KEY(version_id) REFERENCES data_versions (id)
);

CREATE TABLE version_inputs (
	version_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	name TEXT NOT NULL,
	input_version_id TEXT NOT NULL,
	CONSTRAINT pk_version_inputs PRIMARY KEY (version_id, position),
	CONSTRAINT fk_version_inputs_version_id FOREIGN KEY(version_id) REFERENCES data_versions (id),
	CONSTRAINT fk_version_inputs_input_version_id FOREIGN KEY(input_version_id) REFERENCES data_versions (id)
);

CREATE INDEX ix_version_inputs_input_version_id ON version_inputs (input_version_id);

CREATE TABLE data_contracts (
	id TEXT NOT NULL,
	dataset_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	rules TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_data_contracts PRIMARY KEY (id),
	CONSTRAINT fk_data_contracts_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id),
	CONSTRAINT uq_data_contracts_dataset_id_number UNIQUE (dataset_id, number)
);

CREATE TABLE finding_decisions (
	seq INTEGER NOT NULL,
	version_id TEXT NOT NULL,
	code TEXT NOT NULL,
	"column" TEXT NOT NULL,
	decision TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_finding_decisions PRIMARY KEY (seq),
	CONSTRAINT fk_finding_decisions_version_id FOREIGN KEY(version_id) REFERENCES data_versions (id)
);

CREATE INDEX ix_finding_decisions_version_id_seq ON finding_decisions (version_id, seq);

CREATE TRIGGER version_origins_no_update BEFORE UPDATE ON version_origins BEGIN SELECT RAISE(ABORT, 'version_origins is append-only'); END;

CREATE TRIGGER version_origins_no_delete BEFORE DELETE ON version_origins BEGIN SELECT RAISE(ABORT, 'version_origins is append-only'); END;

CREATE TRIGGER version_inputs_no_update BEFORE UPDATE ON version_inputs BEGIN SELECT RAISE(ABORT, 'version_inputs is append-only'); END;

CREATE TRIGGER version_inputs_no_delete BEFORE DELETE ON version_inputs BEGIN SELECT RAISE(ABORT, 'version_inputs is append-only'); END;

CREATE TRIGGER data_contracts_no_update BEFORE UPDATE ON data_contracts BEGIN SELECT RAISE(ABORT, 'data_contracts is append-only'); END;

CREATE TRIGGER data_contracts_no_delete BEFORE DELETE ON data_contracts BEGIN SELECT RAISE(ABORT, 'data_contracts is append-only'); END;

CREATE TRIGGER finding_decisions_no_update BEFORE UPDATE ON finding_decisions BEGIN SELECT RAISE(ABORT, 'finding_decisions is append-only'); END;

CREATE TRIGGER finding_decisions_no_delete BEFORE DELETE ON finding_decisions BEGIN SELECT RAISE(ABORT, 'finding_decisions is append-only'); END;

CREATE TABLE run_verdicts (
	run_id TEXT NOT NULL,
	ruling TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_run_verdicts PRIMARY KEY (run_id),
	CONSTRAINT fk_run_verdicts_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);

CREATE TRIGGER run_verdicts_no_update BEFORE UPDATE ON run_verdicts BEGIN SELECT RAISE(ABORT, 'run_verdicts is append-only'); END;

CREATE TRIGGER run_verdicts_no_delete BEFORE DELETE ON run_verdicts BEGIN SELECT RAISE(ABORT, 'run_verdicts is append-only'); END;

CREATE TABLE gate_sets (
	id TEXT NOT NULL,
	dataset_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	rules TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_gate_sets PRIMARY KEY (id),
	CONSTRAINT fk_gate_sets_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id),
	CONSTRAINT uq_gate_sets_dataset_id_number UNIQUE (dataset_id, number)
);

CREATE TRIGGER gate_sets_no_update BEFORE UPDATE ON gate_sets BEGIN SELECT RAISE(ABORT, 'gate_sets is append-only'); END;

CREATE TRIGGER gate_sets_no_delete BEFORE DELETE ON gate_sets BEGIN SELECT RAISE(ABORT, 'gate_sets is append-only'); END;

CREATE TABLE run_trials (
	run_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	trial TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_run_trials PRIMARY KEY (run_id, number),
	CONSTRAINT fk_run_trials_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);

CREATE TRIGGER run_trials_no_update BEFORE UPDATE ON run_trials BEGIN SELECT RAISE(ABORT, 'run_trials is append-only'); END;

CREATE TRIGGER run_trials_no_delete BEFORE DELETE ON run_trials BEGIN SELECT RAISE(ABORT, 'run_trials is append-only'); END;

CREATE TABLE drift_reports (
	id TEXT NOT NULL,
	model_version_id TEXT NOT NULL,
	verdict TEXT NOT NULL,
	line TEXT NOT NULL,
	from_at TEXT NOT NULL,
	to_at TEXT NOT NULL,
	rows INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_drift_reports PRIMARY KEY (id),
	CONSTRAINT fk_drift_reports_model_version_id FOREIGN KEY(model_version_id) REFERENCES model_versions (id)
);

CREATE INDEX ix_drift_reports_model_version_id ON drift_reports (model_version_id);

CREATE TABLE label_deliveries (
	id TEXT NOT NULL,
	number INTEGER NOT NULL,
	name TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	joined_by TEXT NOT NULL,
	counts TEXT NOT NULL,
	actor TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_label_deliveries PRIMARY KEY (id),
	CONSTRAINT uq_label_deliveries_number UNIQUE (number)
);

CREATE TABLE outcomes (
	prediction_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	delivery_id TEXT NOT NULL,
	label TEXT NOT NULL,
	CONSTRAINT pk_outcomes PRIMARY KEY (prediction_id, number),
	CONSTRAINT fk_outcomes_prediction_id FOREIGN KEY(prediction_id) REFERENCES predictions (id),
	CONSTRAINT fk_outcomes_delivery_id FOREIGN KEY(delivery_id) REFERENCES label_deliveries (id)
)
 WITHOUT ROWID;

CREATE TRIGGER drift_reports_no_update BEFORE UPDATE ON drift_reports BEGIN SELECT RAISE(ABORT, 'drift_reports is append-only'); END;

CREATE TRIGGER drift_reports_no_delete BEFORE DELETE ON drift_reports BEGIN SELECT RAISE(ABORT, 'drift_reports is append-only'); END;

CREATE TRIGGER label_deliveries_no_update BEFORE UPDATE ON label_deliveries BEGIN SELECT RAISE(ABORT, 'label_deliveries is append-only'); END;

CREATE TRIGGER label_deliveries_no_delete BEFORE DELETE ON label_deliveries BEGIN SELECT RAISE(ABORT, 'label_deliveries is append-only'); END;

CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes is append-only'); END;

CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes is append-only'); END;

CREATE TABLE dataset_names (
	seq INTEGER NOT NULL,
	dataset_id TEXT NOT NULL,
	name TEXT NOT NULL,
	at TEXT NOT NULL,
	actor TEXT NOT NULL,
	CONSTRAINT pk_dataset_names PRIMARY KEY (seq),
	CONSTRAINT fk_dataset_names_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id)
);

CREATE TRIGGER dataset_names_no_update BEFORE UPDATE ON dataset_names BEGIN SELECT RAISE(ABORT, 'dataset_names is append-only'); END;

CREATE TRIGGER dataset_names_no_delete BEFORE DELETE ON dataset_names BEGIN SELECT RAISE(ABORT, 'dataset_names is append-only'); END;

CREATE TABLE project_settings (
	seq INTEGER NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_project_settings PRIMARY KEY (seq)
);

CREATE TRIGGER project_settings_no_update BEFORE UPDATE ON project_settings BEGIN SELECT RAISE(ABORT, 'project_settings is append-only'); END;

CREATE TRIGGER project_settings_no_delete BEFORE DELETE ON project_settings BEGIN SELECT RAISE(ABORT, 'project_settings is append-only'); END;

CREATE INDEX ix_project_settings_name_seq ON project_settings (name, seq);

CREATE TABLE alerts (
	id TEXT NOT NULL,
	model_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	line TEXT NOT NULL,
	report_id TEXT,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_alerts PRIMARY KEY (id),
	CONSTRAINT fk_alerts_model_id FOREIGN KEY(model_id) REFERENCES models (id),
	CONSTRAINT fk_alerts_report_id FOREIGN KEY(report_id) REFERENCES drift_reports (id)
);

CREATE TRIGGER alerts_no_update BEFORE UPDATE ON alerts BEGIN SELECT RAISE(ABORT, 'alerts is append-only'); END;

CREATE TRIGGER alerts_no_delete BEFORE DELETE ON alerts BEGIN SELECT RAISE(ABORT, 'alerts is append-only'); END;

CREATE INDEX ix_alerts_model_id_kind_subject ON alerts (model_id, kind, subject);

CREATE TABLE alert_events (
	seq INTEGER NOT NULL,
	alert_id TEXT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_alert_events PRIMARY KEY (seq),
	CONSTRAINT fk_alert_events_alert_id FOREIGN KEY(alert_id) REFERENCES alerts (id)
);

CREATE TRIGGER alert_events_no_update BEFORE UPDATE ON alert_events BEGIN SELECT RAISE(ABORT, 'alert_events is append-only'); END;

CREATE TRIGGER alert_events_no_delete BEFORE DELETE ON alert_events BEGIN SELECT RAISE(ABORT, 'alert_events is append-only'); END;

CREATE INDEX ix_alert_events_alert_id_seq ON alert_events (alert_id, seq);

CREATE UNIQUE INDEX uq_alert_events_open ON alert_events (alert_id) WHERE state = 'open';

CREATE UNIQUE INDEX uq_alert_events_closed ON alert_events (alert_id) WHERE state = 'closed';

CREATE TABLE alert_mutes (
	seq INTEGER NOT NULL,
	model_id TEXT,
	until TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_alert_mutes PRIMARY KEY (seq),
	CONSTRAINT fk_alert_mutes_model_id FOREIGN KEY(model_id) REFERENCES models (id)
);

CREATE TRIGGER alert_mutes_no_update BEFORE UPDATE ON alert_mutes BEGIN SELECT RAISE(ABORT, 'alert_mutes is append-only'); END;

CREATE TRIGGER alert_mutes_no_delete BEFORE DELETE ON alert_mutes BEGIN SELECT RAISE(ABORT, 'alert_mutes is append-only'); END;

CREATE TABLE alert_deliveries (
	seq INTEGER NOT NULL,
	alert_id TEXT,
	channel TEXT NOT NULL,
	outcome TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_alert_deliveries PRIMARY KEY (seq),
	CONSTRAINT fk_alert_deliveries_alert_id FOREIGN KEY(alert_id) REFERENCES alerts (id)
);

CREATE TRIGGER alert_deliveries_no_update BEFORE UPDATE ON alert_deliveries BEGIN SELECT RAISE(ABORT, 'alert_deliveries is append-only'); END;

CREATE TRIGGER alert_deliveries_no_delete BEFORE DELETE ON alert_deliveries BEGIN SELECT RAISE(ABORT, 'alert_deliveries is append-only'); END;

CREATE INDEX ix_alert_deliveries_alert_id ON alert_deliveries (alert_id);

CREATE TABLE challenges (
	id TEXT NOT NULL,
	model_id TEXT NOT NULL,
	champion_version_id TEXT NOT NULL,
	run_id TEXT NOT NULL,
	candidate_id TEXT,
	data_version_id TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_challenges PRIMARY KEY (id),
	CONSTRAINT fk_challenges_model_id FOREIGN KEY(model_id) REFERENCES models (id),
	CONSTRAINT fk_challenges_champion_version_id FOREIGN KEY(champion_version_id) REFERENCES model_versions (id),
	CONSTRAINT fk_challenges_run_id FOREIGN KEY(run_id) REFERENCES runs (id),
	CONSTRAINT fk_challenges_candidate_id FOREIGN KEY(candidate_id) REFERENCES candidates (id),
	CONSTRAINT fk_challenges_data_version_id FOREIGN KEY(data_version_id) REFERENCES data_versions (id)
);

CREATE TRIGGER challenges_no_update BEFORE UPDATE ON challenges BEGIN SELECT RAISE(ABORT, 'challenges is append-only'); END;

CREATE TRIGGER challenges_no_delete BEFORE DELETE ON challenges BEGIN SELECT RAISE(ABORT, 'challenges is append-only'); END;

CREATE INDEX ix_challenges_model_id ON challenges (model_id);

CREATE TABLE challenge_decisions (
	seq INTEGER NOT NULL,
	challenge_id TEXT NOT NULL,
	decision TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_challenge_decisions PRIMARY KEY (seq),
	CONSTRAINT uq_challenge_decisions_challenge_id UNIQUE (challenge_id),
	CONSTRAINT fk_challenge_decisions_challenge_id FOREIGN KEY(challenge_id) REFERENCES challenges (id)
);

CREATE TRIGGER challenge_decisions_no_update BEFORE UPDATE ON challenge_decisions BEGIN SELECT RAISE(ABORT, 'challenge_decisions is append-only'); END;

CREATE TRIGGER challenge_decisions_no_delete BEFORE DELETE ON challenge_decisions BEGIN SELECT RAISE(ABORT, 'challenge_decisions is append-only'); END;

CREATE TABLE rehearsals (
	id TEXT NOT NULL,
	challenge_id TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_rehearsals PRIMARY KEY (id),
	CONSTRAINT fk_rehearsals_challenge_id FOREIGN KEY(challenge_id) REFERENCES challenges (id)
);

CREATE TRIGGER rehearsals_no_update BEFORE UPDATE ON rehearsals BEGIN SELECT RAISE(ABORT, 'rehearsals is append-only'); END;

CREATE TRIGGER rehearsals_no_delete BEFORE DELETE ON rehearsals BEGIN SELECT RAISE(ABORT, 'rehearsals is append-only'); END;

CREATE INDEX ix_rehearsals_challenge_id ON rehearsals (challenge_id);

CREATE TABLE releases (
	id TEXT NOT NULL,
	environment TEXT NOT NULL,
	model_id TEXT NOT NULL,
	bundle_id TEXT NOT NULL,
	service_id TEXT,
	challenger_bundle_id TEXT,
	mode TEXT NOT NULL,
	share FLOAT NOT NULL,
	kind TEXT NOT NULL,
	reason TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_releases PRIMARY KEY (id),
	CONSTRAINT fk_releases_model_id FOREIGN KEY(model_id) REFERENCES models (id),
	CONSTRAINT fk_releases_bundle_id FOREIGN KEY(bundle_id) REFERENCES bundles (id),
	CONSTRAINT fk_releases_service_id FOREIGN KEY(service_id) REFERENCES services (id),
	CONSTRAINT fk_releases_challenger_bundle_id FOREIGN KEY(challenger_bundle_id) REFERENCES bundles (id)
);

CREATE TRIGGER releases_no_update BEFORE UPDATE ON releases BEGIN SELECT RAISE(ABORT, 'releases is append-only'); END;

CREATE TRIGGER releases_no_delete BEFORE DELETE ON releases BEGIN SELECT RAISE(ABORT, 'releases is append-only'); END;

CREATE INDEX ix_releases_environment_model_id_at ON releases (environment, model_id, at);

CREATE TABLE automation_rules (
	seq INTEGER NOT NULL,
	automation_id TEXT NOT NULL,
	name TEXT NOT NULL,
	rule TEXT NOT NULL,
	state TEXT NOT NULL,
	actor TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_automation_rules PRIMARY KEY (seq)
);

CREATE TRIGGER automation_rules_no_update BEFORE UPDATE ON automation_rules BEGIN SELECT RAISE(ABORT, 'automation_rules is append-only'); END;

CREATE TRIGGER automation_rules_no_delete BEFORE DELETE ON automation_rules BEGIN SELECT RAISE(ABORT, 'automation_rules is append-only'); END;

CREATE INDEX ix_automation_rules_automation_id_seq ON automation_rules (automation_id, seq);

CREATE TABLE automation_runs (
	id TEXT NOT NULL,
	automation_id TEXT NOT NULL,
	"trigger" TEXT NOT NULL,
	host TEXT NOT NULL,
	pid INTEGER NOT NULL,
	process_started FLOAT NOT NULL,
	created_at TEXT NOT NULL,
	CONSTRAINT pk_automation_runs PRIMARY KEY (id),
	CONSTRAINT uq_automation_runs_automation_id_trigger UNIQUE (automation_id, "trigger")
);

CREATE TRIGGER automation_runs_no_update BEFORE UPDATE ON automation_runs BEGIN SELECT RAISE(ABORT, 'automation_runs is append-only'); END;

CREATE TRIGGER automation_runs_no_delete BEFORE DELETE ON automation_runs BEGIN SELECT RAISE(ABORT, 'automation_runs is append-only'); END;

CREATE TABLE automation_events (
	seq INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	step TEXT NOT NULL,
	state TEXT NOT NULL,
	note TEXT NOT NULL,
	at TEXT NOT NULL,
	CONSTRAINT pk_automation_events PRIMARY KEY (seq),
	CONSTRAINT fk_automation_events_run_id FOREIGN KEY(run_id) REFERENCES automation_runs (id)
);

CREATE TRIGGER automation_events_no_update BEFORE UPDATE ON automation_events BEGIN SELECT RAISE(ABORT, 'automation_events is append-only'); END;

CREATE TRIGGER automation_events_no_delete BEFORE DELETE ON automation_events BEGIN SELECT RAISE(ABORT, 'automation_events is append-only'); END;

CREATE INDEX ix_automation_events_run_id_seq ON automation_events (run_id, seq);

INSERT INTO alembic_version VALUES ('0008');
