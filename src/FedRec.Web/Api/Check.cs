namespace FedRec.Web.Api;

/// <summary>Refuses values of a request with a reason.</summary>
internal static class Check
{
    public static void Range(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw ProblemException.BadRequest($"'{name}' is {value}; it must be from {least} to {most}.");
        }
    }

    public static void AtLeast(long value, long least, string name)
    {
        if (value < least)
        {
            throw ProblemException.BadRequest($"'{name}' is {value}; it must be at least {least}.");
        }
    }

    public static void Name(string value, string name)
    {
        if (!FederationSelector.IsName(value))
        {
            throw ProblemException.BadRequest(
                $"'{name}' is '{value}'; it must be 1 to 100 letters, digits, dots, dashes or underscores.");
        }
    }
}
