using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Codes of invitations as a person gives them.</summary>
internal static class PartyCodes
{
    /// <summary>Reads a code.</summary>
    /// <exception cref="CliException">It is none, or leads to another machine without encryption.</exception>
    public static PartyCode Read(string text)
    {
        var code = PartyCode.TryRead(text)
            ?? throw new CliException(ExitCode.Usage, "This is no code of an invitation, or a part of it is missing.", $"It begins with {PartyCode.Prefix} and is one word; copy all of it.");
        RequireSafe(code.Url);
        return code;
    }

    /// <exception cref="CliException">The address is no web address, or leads to another machine without encryption.</exception>
    public static void RequireSafe(Uri url)
    {
        if (!PartyCode.IsSafe(url))
        {
            throw new CliException(ExitCode.Usage, $"The coordinator's address is {url}; parties go to other machines by https only.", "Set FedRec:Web:PartyPort for 'fedrec serve', or put a proxy with TLS in front and give --url https://….");
        }
    }
}
