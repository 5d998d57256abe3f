/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: String, Error {
    case message, template, payment, reminder, contact, group, campaign
}
