import Observability

/// The signature of Alma's notifications: the payment's name, authenticated with the account's key.
///
/// The notification says nothing else that could be believed, which is why the payment is read back after it.
enum AlmaWebhook {
    /// Where it is, in lower case.
    static let header = "x-alma-signature"

    /// Whether `signature` is Alma's for `reference`.
    static func isGenuine(_ signature: String, of reference: String, key: Secret) -> Bool {
        KeyedSignature.isGenuine(signature, of: Array(reference.utf8), key: key)
    }
}
