import Observability
import PaymentModel
import PaymentOrchestratorDomain

/// The codes that are sent to clients' phones: made from a key and a name, known by a fingerprint, stored nowhere.
struct VerificationCodes: Sendable {
    let sealer: Sealer
    let ids: IdentifierSource

    /// Another code.
    func make() throws -> Verification.Code {
        let id: VerificationID = ids.make()
        let digits = try sealer.digits(for: id, with: sealer.current)
        let fingerprint = try sealer.fingerprint(of: digits.reveal(), for: id, with: sealer.current)
        return Verification.Code(id: id, fingerprint: fingerprint, keyID: sealer.current)
    }

    /// What is sent to the phone.
    func digits(of code: Verification.Code) throws -> Secret { try sealer.digits(for: code.id, with: code.keyID) }

    /// What tells whether digits that were read out are the code's.
    func fingerprint(of digits: String, as code: Verification.Code) throws -> [UInt8] {
        try sealer.fingerprint(of: digits, for: code.id, with: code.keyID)
    }
}
