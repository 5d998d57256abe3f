import KafkaClient
import Observability
import PostgresClient

extension Settings {
    /// Where the service's schema is, as the service's role.
    func postgres<Service: QuittanceService>(for service: Service.Type) throws(SettingsError) -> PostgresSettings {
        try postgres(
            service, user: self[StandardSettings.postgresUser(Service.schema)],
            password: self[StandardSettings.postgresPassword])
    }

    /// Where the service's schema is, as the role that owns it.
    func postgresForMigration<Service: QuittanceService>(
        of service: Service.Type
    ) throws(SettingsError) -> PostgresSettings {
        guard let owner = self[StandardSettings.postgresMigrationUser] else { return try postgres(for: service) }
        return try postgres(service, user: owner, password: self[StandardSettings.postgresMigrationPassword])
    }

    private func postgres<Service: QuittanceService>(
        _ service: Service.Type, user: String, password: Secret?
    ) throws(SettingsError) -> PostgresSettings {
        PostgresSettings(
            host: self[StandardSettings.postgresHost], port: self[StandardSettings.postgresPort],
            database: self[StandardSettings.postgresDatabase], user: user, password: password?.reveal(),
            applicationName: Service.name, searchPath: Service.schema,
            connections: self[StandardSettings.postgresConnections],
            statementTimeout: self[StandardSettings.postgresStatementTimeMax], tls: try postgresTLS())
    }

    fileprivate func postgresTLS() throws(SettingsError) -> PostgresSettings.TLSMode {
        switch self[StandardSettings.postgresTLS] {
        case "disable": return .disable
        case "verify-full":
            let certificate = try need(StandardSettings.postgresCertificateAuthority, because: "verify-full needs it")
            return .verifyFull(rootCertificate: certificate)
        default: return .prefer
        }
    }

    /// Where the brokers are.
    func kafka(clientID: String) throws(SettingsError) -> KafkaSettings {
        KafkaSettings(
            bootstrapServers: self[StandardSettings.kafkaServers], clientID: clientID, security: try kafkaSecurity(),
            properties: try kafkaProperties(), sessionTimeout: self[StandardSettings.kafkaSessionTime])
    }

    fileprivate func kafkaSecurity() throws(SettingsError) -> KafkaSettings.Security {
        let authority = self[StandardSettings.kafkaCertificateAuthority]
        switch self[StandardSettings.kafkaSecurity] {
        case "tls": return .tls(certificateAuthority: authority)
        case "scram-sha-256": return try scram(.sha256, .none)
        case "scram-sha-512": return try scram(.sha512, .none)
        case "scram-sha-256-tls": return try scram(.sha256, .verified(certificateAuthority: authority))
        case "scram-sha-512-tls": return try scram(.sha512, .verified(certificateAuthority: authority))
        default: return .plaintext
        }
    }

    private func scram(
        _ mechanism: KafkaSettings.ScramMechanism, _ encryption: KafkaSettings.Encryption
    ) throws(SettingsError) -> KafkaSettings.Security {
        let user = try need(StandardSettings.kafkaUser, because: "SCRAM needs it")
        let password = try need(StandardSettings.kafkaPassword, because: "SCRAM needs it")
        return .saslScram(user: user, password: password.reveal(), mechanism: mechanism, tls: encryption)
    }

    fileprivate func kafkaProperties() throws(SettingsError) -> [String: String] {
        var properties: [String: String] = [:]
        for pair in (self[StandardSettings.kafkaProperties] ?? "").split(separator: ",") {
            let halves = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard halves.count == 2 else {
                throw SettingsError(StandardSettings.kafkaProperties, "must be name=value separated by commas")
            }
            properties[halves[0].filter { $0 != " " }] = halves[1]
        }
        return properties
    }

    private func need<Value>(_ setting: Setting<Value?>, because reason: String) throws(SettingsError) -> Value {
        guard let value = self[setting] else { throw SettingsError(setting, "must be set: \(reason)") }
        return value
    }
}

extension StandardSettings {
    /// What must hold between them.
    package static let rules: [SettingRule] = [
        SettingRule(
            between: [postgresTLS, postgresCertificateAuthority],
            trying: { values throws(SettingsError) in _ = try values.postgresTLS() }),
        SettingRule(
            between: [kafkaSecurity, kafkaUser, kafkaPassword, kafkaCertificateAuthority],
            trying: { values throws(SettingsError) in _ = try values.kafkaSecurity() }),
        SettingRule(between: [requestTimeMax, postgresStatementTimeMax, stopTimeMax], trying: StopBudget.check),
        SettingRule(
            between: [kafkaProperties],
            trying: { values throws(SettingsError) in _ = try values.kafkaProperties() }),
    ]
}

extension SettingsError {
    init(_ setting: some DescribedSetting, _ reason: String) {
        self.init(problems: [Problem(name: setting.name, reason: reason, meaning: setting.meaning)])
    }
}
