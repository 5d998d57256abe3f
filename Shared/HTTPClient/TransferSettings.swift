/// What all transfers of a client have in common.
struct TransferSettings: Sendable {
    /// Name and password, and when the connection becomes a secret one.
    struct Mail: Sendable {
        let login: SMTPSettings.Login?
        let security: SMTPSettings.Security
    }

    let protocols: String
    let route: HTTPClientSettings.Route
    let trustedCertificates: String?
    let userAgent: String?
    let idleConnectionAgeMax: Duration
    let concurrentMax: Int
    let waitingMax: Int
    let mail: Mail?

    init(_ settings: HTTPClientSettings) {
        protocols = "http,https"
        route = settings.route
        trustedCertificates = settings.trustedCertificates
        userAgent = settings.userAgent
        idleConnectionAgeMax = settings.idleConnectionAgeMax
        concurrentMax = max(1, settings.concurrentRequestsMax)
        waitingMax = settings.waitingRequestsMax
        mail = nil
    }

    init(_ settings: SMTPSettings) {
        protocols = "smtp,smtps"
        route = .direct
        trustedCertificates = settings.trustedCertificates
        userAgent = nil
        idleConnectionAgeMax = .seconds(20)
        concurrentMax = max(1, settings.connectionsMax)
        waitingMax = settings.waitingMailsMax
        mail = Mail(login: settings.login, security: settings.security)
    }
}
