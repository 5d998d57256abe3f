import HTTPClient

/// What an exchange with a provider comes to, before anybody reads the body.
enum ProviderAnswer: Sendable {
    /// The provider cannot have acted.
    case neverReached
    /// The provider said no, and did nothing.
    case refused(ProviderRefusal)
    /// The provider did what was asked.
    case answered([UInt8])
}

/// A provider's no.
struct ProviderRefusal: Sendable {
    let status: Int
    /// The provider's word for it, which tells it from a proxy's no; a key that is turned away may have none.
    let code: String?
    /// In words for an operator; never what the client typed.
    let reason: String
    /// What it objects to one by one, where it has words for that.
    var issues: [String] = []

    /// Whether it is the account's key that was turned away: nothing is said about what was asked.
    var isAboutKey: Bool { status == 401 }
}

/// What is different from one provider's HTTP to another's.
struct ProviderDialect: Sendable {
    /// As people call it.
    let name: String
    /// Reads an error's body.
    let read: @Sendable (_ status: Int, _ body: [UInt8]) -> ProviderRefusal
}

extension ProviderTransport {
    /// Refusals that leave open whether something was done: somebody waited too long, the same request is under way, or
    /// who asked was gone.
    private static let undecided: Set = [408, 409, 499]

    /// Sends a request and says what came of it.
    func ask(
        _ request: HTTPRequest, _ call: ProviderCall, _ dialect: ProviderDialect
    ) async throws(OutcomeUnknown) -> ProviderAnswer {
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await send(request, call)
        } catch {
            guard error.effectIsPossible else { return .neverReached }
            throw OutcomeUnknown("\(dialect.name) did not answer: \(error)")
        }
        switch response.status {
        case 200..<300: return .answered(response.body)
        // Turned away before anything was looked at.
        case 429: return .neverReached
        case 400..<500 where !Self.undecided.contains(response.status):
            let refusal = dialect.read(response.status, response.body)
            // A page of whoever stands in between says nothing of what the provider did.
            guard refusal.isAboutKey || refusal.code != nil else {
                throw OutcomeUnknown("\(dialect.name) did not say why status \(response.status) came")
            }
            return .refused(refusal)
        default: throw OutcomeUnknown("\(dialect.name) answered with status \(response.status)")
        }
    }
}

/// Names that go into a path.
enum ProviderReference {
    /// Whether a text can be a provider's name for something; anything else could lead a call elsewhere.
    static func isSafe(_ text: String, max: Int = 64) -> Bool {
        (1...max).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// Whether the money of a provider is real; a key tells by its beginning where it tells.
package enum ProviderMode: String, Hashable, Sendable, CaseIterable {
    case live, test
}
