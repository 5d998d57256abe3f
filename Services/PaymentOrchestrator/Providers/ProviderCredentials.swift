package import Observability

/// What a provider gave a clinic to speak for itself.
///
/// As text it is the key alone, or lines of which the first is the key: what was stored before there was more than a
/// key is still read.
package struct ProviderCredentials: Sendable {
    /// The API's key; PayPal calls its own the client's secret.
    package let key: Secret
    /// The name that goes with the key, where there is one.
    package let client: String?
    /// What notifications are signed with, or for, where it is not the key.
    package let notifications: Secret?

    /// Credentials as a person enters them.
    package init(key: Secret, client: String? = nil, notifications: Secret? = nil) {
        self.key = key
        self.client = client
        self.notifications = notifications
    }

    /// Credentials as they were kept.
    package init(text: Secret) {
        let lines = text.reveal().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func line(_ index: Int) -> String? {
            lines.indices.contains(index) && !lines[index].isEmpty ? lines[index] : nil
        }
        self.init(key: Secret(line(0) ?? ""), client: line(1), notifications: line(2).map { Secret($0) })
    }

    /// The same with the former key of notifications where none was entered: without it each would be answered 401.
    package func keepingNotifications(of former: ProviderCredentials?) -> ProviderCredentials {
        ProviderCredentials(key: key, client: client, notifications: notifications ?? former?.notifications)
    }

    /// As it is sealed and kept; a line break in any part MUST have been refused before.
    package var text: Secret {
        guard client != nil || notifications != nil else { return key }
        return Secret([key.reveal(), client ?? "", notifications?.reveal() ?? ""].joined(separator: "\n"))
    }
}
