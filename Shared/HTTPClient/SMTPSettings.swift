package import Observability

/// Which mail server takes our mail, and every limit we keep.
package struct SMTPSettings: Sendable {
    /// When the connection becomes a secret one.
    package enum Security: String, Sendable, CaseIterable {
        /// TLS from the first byte (port 465).
        case tls
        /// STARTTLS, and no mail without it (port 587).
        case startTLS = "starttls"
        /// STARTTLS if the server offers it.
        case startTLSIfOffered = "starttls-if-offered"
        /// None; for a server on this machine.
        case plain
    }

    /// Our name and password at the server.
    package struct Login: Sendable {
        /// The name.
        package let user: String
        /// What proves it.
        package let password: Secret

        /// A name with its password.
        package init(user: String, password: Secret) {
            self.user = user
            self.password = password
        }
    }

    /// The server's name, as in its certificate.
    package var host: String
    /// The server's port.
    package var port: Int
    /// When the connection becomes a secret one.
    package var security: Security
    /// Only sent over TLS, or to this machine; `nil` sends none.
    package var login: Login?
    /// What we call ourselves to the server (EHLO).
    package var clientName = "quittance"
    /// A file of PEM certificates to trust instead of the system's.
    package var trustedCertificates: String?
    /// How long name resolution, connection and TLS may take together.
    package var connectTimeout = Duration.seconds(5)
    /// How long one mail may take, waiting for a free connection included.
    package var totalTimeout = Duration.seconds(30)
    /// How many mails are on the wire at once; the others wait.
    package var connectionsMax = 8
    /// How many mails may wait; one more is refused at once.
    package var waitingMailsMax = 1_000
    /// The longest mail.
    package var messageBytesMax = 10 << 20

    /// A server with the limits above.
    package init(host: String, port: Int, security: Security = .startTLS, login: Login? = nil) {
        self.host = host
        self.port = port
        self.security = security
        self.login = login
    }
}
