import HTTPClient
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Takes in a provider's own report of one payout, asked through payment-orchestrator, on the way a file takes (REC-3).
struct FetchReport {
    let fetch: FetchPayouts
    /// Taking it in needs a connection of its own, as a file does; waiting for the provider to write it does not.
    let places: FilePlaces
    let payouts = PayoutStore()
    /// As many bytes as payment-orchestrator takes of one.
    static let bytesMax = 16 << 20

    /// Who wants a report, under which key.
    struct Asker: Sendable {
        let organisation: OrganisationID
        let subject: String
        let key: String?
    }

    /// The report is all of the payout, so less or more than what the API's movements told is refused.
    func run(
        _ payout: NamedPayout, at account: ProviderAccountID, for asker: Asker, because cause: () throws -> Cause
    ) async throws -> ImportAnswer {
        let organisation = asker.organisation
        let (source, day) = try await fetch.database.read(organisation: organisation) { transaction in
            let source = try fetch.sources.find(account, of: organisation, &transaction)
            return (source, try payouts.day(of: payout.reference, at: .alma, in: organisation, &transaction))
        }
        guard let source else { throw NotFound.payoutSource(account) }
        guard source.provider == .alma else { throw ReportMissing.byFileOnly }
        guard let payments = fetch.payments else { throw PayoutsByFileOnly() }
        let bytes = try await file(of: payout.reference, at: source, payments)
        let file = IncomingFile(
            content: .whole(bytes), organisation: organisation, sender: asker.subject, key: asker.key,
            bytesInAll: Int64(bytes.count), intent: .forGood)
        let named = NamedPayout(reference: payout.reference, paidOn: day ?? payout.paidOn)
        return try await places.hold {
            try await fetch.reports.run(file, of: source.provider, about: named, because: cause)
        }
    }

    private func file(
        of payout: String, at source: PayoutSource, _ payments: AskOwner
    ) async throws -> [UInt8] {
        let path = "/v1/provider-accounts/\(source.account)/payouts/\(PercentCoding.encoded(payout))/report"
        do throws(OwnerUnavailable) {
            return try await payments.get(
                path, in: source.organisation, bytesMax: Self.bytesMax, within: .seconds(300)
            ).body
        } catch {
            // Asking again changes nothing where the provider said no, or the account is gone.
            switch error.status {
            case 404: throw ReportMissing.noAccount
            case 422: throw ReportMissing.none(of: payout)
            default: throw ReportMissing.notNow(FetchPayouts.words(error))
            }
        }
    }
}

/// Why a provider's report of a payout cannot be taken in.
enum ReportMissing: Error {
    /// The provider writes none on request.
    case byFileOnly
    /// The service of the payments does not have the account, or not any more.
    case noAccount
    /// The provider knows no such payout.
    case none(of: String)
    /// It is still being written, or somebody does not answer.
    case notNow(Sentence)
}
