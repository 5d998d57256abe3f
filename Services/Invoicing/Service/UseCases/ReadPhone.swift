import InvoicingDomain
import PaymentModel
import PhoneNumbers
import PostgresClient
import TransactionalMessaging

/// What a request says of a person, the phone number as somebody typed it.
struct Typed<Details: Reachable>: Sendable {
    let details: Details
    let phone: String?
}

/// Somebody who may have a phone number.
protocol Reachable: Sendable {
    var phone: Phone? { get set }
}

extension ClientDetails: Reachable {}
extension ContactDetails: Reachable {}

/// Reads a phone number as somebody typed it, by the plan of the clinic's region (INV-1).
struct ReadPhone {
    let organisations = OrganisationStore()

    /// A text that is no phone number, and which field it came in.
    struct Refused: Error {
        let pointer: String
        let refusal: PhoneRefusal
    }

    func run<Details>(_ typed: Typed<Details>, at clinic: ClinicID, in change: inout Change) throws -> Details {
        var details = typed.details
        if let text = typed.phone { details.phone = try run(text, at: clinic, in: &change) }
        return details
    }

    func run(_ text: String, at clinic: ClinicID, in change: inout Change) throws -> Phone {
        try run(text, at: clinic, of: change.cause.organisation, in: &change.transaction)
    }

    func run(
        _ text: String, at clinic: ClinicID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> Phone {
        let known = try organisations.clinic(clinic, of: organisation, in: &transaction)
        guard let known else { throw NotFound.clinic(clinic) }
        return try read(text, in: PhoneRegion.of(timeZone: known.timeZone), pointer: "/phone")
    }

    /// What a text can mean at the clinics of an organisation.
    func all(
        _ text: String, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> [Phone] {
        let zones = try organisations.clinics(of: organisation, in: &transaction).map(\.timeZone)
        let regions = Set(zones.map(PhoneRegion.of)).union(zones.isEmpty ? ["FR"] : [])
        let readings = regions.sorted().map { region in
            Result { () throws(Refused) in try read(text, in: region, pointer: "?phone") }
        }
        let found = readings.compactMap { try? $0.get() }
        if found.isEmpty { _ = try readings.first?.get() }
        return found
    }

    private func read(_ text: String, in region: String, pointer: String) throws(Refused) -> Phone {
        do throws(PhoneRefusal) {
            return try PhoneNumbers.read(text, in: region).phone
        } catch {
            throw Refused(pointer: pointer, refusal: error)
        }
    }
}
